import { answerFlow } from '../flow/answer-flow.ts';
import type { FlowAnswer } from '../flow/answer-flow.ts';
import type { FlowDefinition } from '../flow/flow-definition.ts';
import type { Conversation, InputOutcome, JsonValue, Strategy } from './strategy.ts';
import { hearEach, unheardMessages } from './unheard-messages.ts';

/**
 * Lets the flows of an assistant answer at `input.received`. What is kept is the flow that is open; each message of
 * the user is heard once, so a conversation without a state is replayed from its beginning.
 */
export class FlowStrategy implements Strategy {
  /** No document's name, so that no other strategy's state is taken for the flows'. */
  readonly name = 'guided flows';
  readonly version = '';
  readonly digest = '';
  readonly #flows: readonly FlowDefinition[];

  constructor(flows: readonly FlowDefinition[]) {
    this.#flows = flows;
  }

  async received(conversation: Conversation, state: JsonValue | undefined): Promise<InputOutcome> {
    const { locales } = conversation;
    const { texts, fromTheStart } = unheardMessages(conversation, state);
    let stored: unknown = state;
    let last: FlowAnswer | undefined;
    await hearEach(texts, (text, index) => {
      const firstMessage = index === 0 && fromTheStart;
      last = answerFlow(this.#flows, stored, { text, locales, firstMessage });
      stored = last.state;
    });
    return outcomeOf(last, state);
  }
}

function outcomeOf(last: FlowAnswer | undefined, before: JsonValue | undefined): InputOutcome {
  // Without a word of the user there is nothing to answer; what was open stays open.
  if (last === undefined) return { outcome: undefined, state: before ?? null };
  return {
    outcome: last.outcome === 'none' ? undefined : last.outcome,
    by: last.flow,
    state: last.state ?? null,
    answer: last.handled ? last.text : undefined,
    afterwards: last.append === '' ? undefined : last.append,
  };
}
