import { cacheScopeOf } from '@parley/kernel';
import type { AssistantSource } from '../../ports/assistant-source.ts';
import type { ResolvedModel } from '../../ports/model-client.ts';
import type { TokenCounter } from '../../ports/token-counter.ts';
import type { AnswerSource } from '../run/answer-source.ts';
import { assistantContext, conversationOf } from '../assistant/assistant-context.ts';
import { askedOf, assistantNameOf } from '../assistant/assistant.ts';
import type { Assistant } from '../assistant/assistant.ts';
import type { PreviousConversation } from './previous-turns.ts';
import { sharedStart } from './prompt-cache.ts';
import type { PromptCache } from './prompt-cache.ts';
import { buildPrompt } from './prompt.ts';
import type { RunningTurn } from '../turn/running-turn.ts';
import type { StartRequest } from './start-request.ts';
import type { Pipeline, ReceivedInput } from '../strategy/pipeline.ts';
import type { Conversation, PromptContext } from '../strategy/strategy.ts';

/** Counting must not use up the time of the turn. */
const countingMs = 5_000;

/** A request, and who is to answer it. */
export interface AskedTurn {
  /** With what the assistant adds to it. */
  readonly request: StartRequest;
  /** Undefined when the request names a model; the turn then runs without strategies. */
  readonly assistant: Assistant | undefined;
}

/** How a turn is going to be answered, decided before it is accepted. */
export interface TurnPlan extends AskedTurn {
  readonly resolved: ResolvedModel;
  readonly conversation: Conversation;
  readonly received: ReceivedInput;
}

/** Brings assistants and their strategies into turns. */
export class PlanTurn {
  readonly #assistants: AssistantSource;
  readonly #pipeline: Pipeline;
  readonly #tokens: TokenCounter;

  constructor(assistants: AssistantSource, pipeline: Pipeline, tokens: TokenCounter) {
    this.#assistants = assistants;
    this.#pipeline = pipeline;
    this.#tokens = tokens;
  }

  /** @throws ParleyError `model_not_found` when there is no such assistant. */
  asked(request: StartRequest): AskedTurn {
    const name = assistantNameOf(request.model);
    if (name === undefined) return { request, assistant: undefined };
    const assistant = this.#assistants.find(name);
    return { request: askedOf(assistant, request), assistant };
  }

  /** Lets the strategies hear what is new. */
  async plan(asked: AskedTurn, before: PreviousConversation, resolved: ResolvedModel): Promise<TurnPlan> {
    const { request, assistant } = asked;
    const conversation = conversationOf(before, request.input, request.languages);
    const strategies = assistant?.strategies ?? [];
    const received = await this.#pipeline.received(strategies, conversation, before.states);
    return { ...asked, resolved, conversation, received };
  }

  /** Builds what answers an accepted turn. Without an assistant that is what was said, as it is. */
  async source(turn: RunningTurn, plan: TurnPlan): Promise<AnswerSource> {
    const { received, request } = plan;
    if (received.answer !== undefined) return { type: 'said', text: received.answer };
    const context = await this.#context(turn, plan);
    const delivered = this.#pipeline.delivered(received);
    turn.trace(delivered.steps);
    const prompt = buildPrompt(turn.document.turn, request, context, await this.#cache(turn, plan, context));
    return { type: 'model', prompt, afterwards: delivered.text };
  }

  async #cache(turn: RunningTurn, plan: TurnPlan, { instructions }: PromptContext): Promise<PromptCache> {
    const { request, conversation, resolved } = plan;
    // Some templates tell of functions first, and these are the caller's own.
    const assistant = functionsText(request.tools) === '' ? plan.assistant : undefined;
    const said = { instructions, locales: conversation.locales };
    const count = (texts: readonly string[]) => this.#count(turn, resolved, texts);
    return { scope: cacheScopeOf(turn.document.subject), ...(await sharedStart(assistant, said, count)) };
  }

  #count(turn: RunningTurn, { model }: ResolvedModel, texts: readonly string[]): Promise<readonly number[]> {
    const scope = { ...turn.scope, deadline: turn.scope.deadline.atMost(countingMs) };
    return this.#tokens.texts(model.digest, texts, scope);
  }

  async #context(turn: RunningTurn, plan: TurnPlan): Promise<PromptContext> {
    const { assistant, request, conversation, resolved, received } = plan;
    if (assistant === undefined) {
      const items = [...conversation.before, ...conversation.input];
      return { instructions: request.instructions, items };
    }
    const model = { ...resolved.model, contextTokens: resolved.contextTokens };
    const scope = { ...turn.scope, deadline: turn.scope.deadline.atMost(countingMs) };
    const tokens = {
      texts: (texts: readonly string[]) => this.#count(turn, resolved, texts),
      overhead: () => this.#tokens.overhead(model.digest, scope),
    };
    const built = await assistantContext(this.#pipeline, assistant, received, request.instructions, {
      conversation,
      model,
      maxOutputTokens: request.maxOutputTokens,
      functions: functionsText(request.tools),
      tokens,
    });
    turn.trace(built.steps);
    return built.context;
  }
}

function functionsText(tools: StartRequest['tools']): string {
  return tools === undefined || tools.choice === 'none' ? '' : JSON.stringify(tools.functions);
}
