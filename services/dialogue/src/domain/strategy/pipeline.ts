import type { StrategyWatch } from '../../ports/strategy-watch.ts';
import { StepTimer } from './step-timer.ts';
import type {
  ContextRequest,
  Conversation,
  DocumentRef,
  InputOutcome,
  PromptContext,
  Strategy,
  StrategyState,
  StrategyStep,
} from './strategy.ts';

/** What strategies made of a turn's input. */
export interface ReceivedInput {
  readonly states: readonly StrategyState[];
  readonly steps: readonly StrategyStep[];
  /** Given: the turn's answer, without a model. */
  readonly answer?: string | undefined;
  /** Said after the model's answer. */
  readonly afterwards: readonly Afterword[];
}

/** What is said after the model's answer, and by which document. */
interface Afterword {
  readonly by: DocumentRef;
  readonly text: string;
}

/** What a prompt is built from, but for what the pipeline knows itself. */
export type BuildRequest = Omit<ContextRequest, 'context' | 'state'>;

/** The prompt's content, and what the strategies did to it. */
export interface BuiltContext {
  readonly context: PromptContext;
  readonly steps: readonly StrategyStep[];
}

/**
 * Runs the strategies of an assistant at the points of a turn. One that fails is left out: it is told of, its state
 * stays as it was, and the turn goes on.
 */
export class Pipeline {
  readonly #watch: StrategyWatch;

  constructor(watch: StrategyWatch) {
    this.#watch = watch;
  }

  /** Hook `input.received`. @param states as the turn before left them. */
  async received(
    strategies: readonly Strategy[],
    conversation: Conversation,
    states: readonly StrategyState[],
  ): Promise<ReceivedInput> {
    const steps: StrategyStep[] = [];
    const kept: StrategyState[] = [];
    const afterwards: Afterword[] = [];
    let answer: string | undefined;
    for (const strategy of strategies) {
      const old = states.find((state) => state.strategy === strategy.name);
      const timer = new StepTimer('input.received', this.#watch);
      try {
        const made = (await strategy.received?.(conversation, old?.data)) ?? untouched;
        const by = made.by ?? strategy;
        if (made.outcome !== undefined) steps.push(timer.done(by, made.outcome));
        if (made.state !== undefined) kept.push(stateOf(strategy, made.state));
        if (made.afterwards !== undefined) afterwards.push({ by, text: made.afterwards });
        answer ??= made.answer;
      } catch (error) {
        steps.push(timer.failed(strategy, error));
        if (old !== undefined) kept.push(old);
      }
    }
    return { states: kept, steps, answer, afterwards };
  }

  /** Hook `context.build`. @param start the prompt as it is without any strategy. */
  async build(
    strategies: readonly Strategy[],
    start: PromptContext,
    states: readonly StrategyState[],
    request: BuildRequest,
  ): Promise<BuiltContext> {
    const steps: StrategyStep[] = [];
    let context = start;
    for (const strategy of strategies) {
      if (strategy.build === undefined) continue;
      const timer = new StepTimer('context.build', this.#watch);
      try {
        const state = states.find((one) => one.strategy === strategy.name)?.data;
        const { outcome, ...built } = await strategy.build({ ...request, context, state });
        context = built;
        steps.push(timer.done(strategy, outcome));
      } catch (error) {
        steps.push(timer.failed(strategy, error));
      }
    }
    return { context, steps };
  }

  /** Hook `output.deliver`: what is said after the model's answer. */
  delivered({ afterwards }: ReceivedInput): {
    readonly text: string;
    readonly steps: readonly StrategyStep[];
  } {
    const steps = afterwards.map(({ by }) =>
      new StepTimer('output.deliver', this.#watch).done(by, 'appended'),
    );
    return { text: afterwards.map(({ text }) => text).join('\n\n'), steps };
  }
}

const untouched: InputOutcome = { outcome: undefined };

function stateOf({ name, version, digest }: Strategy, data: StrategyState['data']): StrategyState {
  return { strategy: name, version, digest, data };
}
