import { advance } from './advance.ts';
import type { FlowAdvance } from './advance.ts';
import type { FlowCommand, FlowEvent } from './flow-command.ts';
import type { FlowDefinition } from './flow-definition.ts';
import type { Slots } from './slot-value.ts';
import { renderMessages } from './flow-message.ts';
import { isOfAnotherText, movedFlow, readFlowState } from './flow-state.ts';
import type { FlowState } from './flow-state.ts';
import { messageOf } from './next-question.ts';
import { opening, understand } from './understanding/understand.ts';

/** A message of the user. */
export interface FlowInput {
  readonly text: string;
  /** To answer in, best first. */
  readonly locales: readonly string[];
  /** Whether it is the first of the whole conversation. */
  readonly firstMessage: boolean;
}

/** One word for what a flow did with a message. */
type FlowOutcome =
  | 'none'
  | 'started'
  | 'asked'
  | 'rejected'
  | 'unclear'
  | 'offered_cancel'
  | 'digression'
  | 'completed'
  | 'cancelled';

/** What the flows make of a message. */
export interface FlowAnswer {
  /** Whether `text` is the whole answer; else the model answers. */
  readonly handled: boolean;
  readonly text: string;
  /** What to say after the model's answer: the question that is still open. '' = nothing. */
  readonly append: string;
  /** To be handed back with the next message; undefined: no flow is open. */
  readonly state: FlowState | undefined;
  /** The flow that took part. */
  readonly flow: { readonly name: string; readonly version: string } | undefined;
  readonly outcome: FlowOutcome;
  readonly events: readonly FlowEvent[];
  /** Values in effect. */
  readonly slots: Slots;
}

/**
 * Lets the flows of an assistant answer a message: the open one, or the first that the message starts. Pure.
 * @param stored the state after the message before; whatever is no state of one of these flows counts as none
 */
export function answerFlow(flows: readonly FlowDefinition[], stored: unknown, input: FlowInput): FlowAnswer {
  const state = readFlowState(stored);
  const open = flows.find(({ name }) => name === state?.flow);
  if (state !== undefined && open !== undefined) {
    const moved = isOfAnotherText(open, state);
    const from = moved ? movedFlow(open, state) : state;
    const answer = answerOf(open, advance(open, from, understand(open, from, input.text)), input);
    return moved ? { ...answer, events: [{ kind: 'moved' }, ...answer.events] } : answer;
  }
  for (const flow of flows) {
    const commands = startOf(flow, input);
    if (commands.length > 0) return answerOf(flow, advance(flow, undefined, commands), input);
  }
  return nothing;
}

const nothing: FlowAnswer = {
  handled: false,
  text: '',
  append: '',
  state: undefined,
  flow: undefined,
  outcome: 'none',
  events: [],
  slots: {},
};

function startOf(flow: FlowDefinition, { text, firstMessage }: FlowInput): readonly FlowCommand[] {
  const commands = understand(flow, undefined, text);
  return commands.length === 0 && firstMessage && flow.atFirstMessage ? opening(flow, text) : commands;
}

function answerOf(flow: FlowDefinition, result: FlowAdvance, { locales }: FlowInput): FlowAnswer {
  const { state, events, say, slots } = result;
  const handled = say.length > 0;
  const openQuestion =
    handled || state === undefined ? [] : [{ message: messageOf(flow, state.question), slots }];
  return {
    handled,
    text: renderMessages(flow, say, locales),
    append: renderMessages(flow, openQuestion, locales),
    state,
    flow: { name: flow.name, version: flow.version },
    outcome: outcomeOf(events),
    events,
    slots,
  };
}

const words: readonly (readonly [FlowEvent['kind'], FlowOutcome])[] = [
  ['completed', 'completed'],
  ['cancelled', 'cancelled'],
  ['offered_cancel', 'offered_cancel'],
  ['digressed', 'digression'],
  ['misunderstood', 'unclear'],
  ['rejected', 'rejected'],
  ['started', 'started'],
];

/** The most telling of what happened. */
function outcomeOf(events: readonly FlowEvent[]): FlowOutcome {
  return words.find(([kind]) => events.some((event) => event.kind === kind))?.[1] ?? 'asked';
}
