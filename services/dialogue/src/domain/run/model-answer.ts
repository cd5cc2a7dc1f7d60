import { ParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { ModelUpdate } from '../../ports/model-client.ts';
import { Coalescer } from '../log/coalescer.ts';
import type { Pace, Paces } from '../log/coalescer.ts';
import { modelFinished } from '../end/ending.ts';
import type { Ending } from '../end/ending.ts';
import type { RunningTurn } from '../turn/running-turn.ts';
import { inProgress } from '../turn/turn.ts';
import type { Usage } from '../turn/turn.ts';

/** For a log that nobody can read before the end. */
const untilTheEnd: Pace = { intervalMs: Infinity, tokens: Infinity, firstAtOnce: false };

/** Brings what the model says into the turn's log, and holds the model to the turn's deadlines. */
export class ModelAnswer {
  readonly #turn: RunningTurn;
  readonly #clock: Clock;
  readonly #coalescer: Coalescer;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #started = false;
  #firstTokenAtMs: number | undefined;
  #inputTokens = 0;
  #outputTokens = 0;

  constructor(turn: RunningTurn, paces: Paces, clock: Clock) {
    this.#turn = turn;
    this.#clock = clock;
    const unwatched = turn.stored ? paces.unwatched : untilTheEnd;
    this.#coalescer = new Coalescer(
      () => (turn.log.watched ? paces.watched : unwatched),
      () => this.#flush(),
      clock,
    );
    this.#armTimer(turn.deadlines.firstToken.remainingMs());
  }

  get hasToken(): boolean {
    return this.#firstTokenAtMs !== undefined;
  }

  /** Reads one generation to its end. Throws what broke it; called again after that, it goes on. */
  async take(updates: AsyncIterable<ModelUpdate>): Promise<Ending> {
    let ending: Ending | undefined;
    try {
      for await (const update of updates) ending = this.#onUpdate(update) ?? ending;
    } catch (error) {
      // After the model's own end nothing can be wrong with the answer.
      if (ending === undefined) throw error;
    }
    if (ending !== undefined) return ending;
    throw brokenOff('The model closed the stream before its answer was finished; try again.');
  }

  /** Ends the timers. */
  stop(): void {
    this.#coalescer.stop();
    clearTimeout(this.#timer);
  }

  /** What was measured here, and what was counted here where the model could not say it. */
  measured(ending: Ending): { usage?: Usage | undefined; firstTokenMs: number } {
    const counted = {
      inputTokens: this.#inputTokens,
      cachedInputTokens: 0,
      outputTokens: this.#outputTokens,
    };
    const firstTokenMs =
      (this.#firstTokenAtMs ?? this.#turn.document.turn.createdAtMs) - this.#turn.document.turn.createdAtMs;
    return { usage: ending.usage ?? (this.#started ? counted : undefined), firstTokenMs };
  }

  #onUpdate(update: ModelUpdate): Ending | undefined {
    switch (update.type) {
      case 'started':
        this.#onStarted(update.inputTokens);
        return undefined;
      case 'chunk':
        this.#onChunk(update.text, update.tokens);
        return undefined;
      case 'tool_call':
        this.#onCall(update);
        return undefined;
      case 'finished':
        if (update.reason === 'cancelled') throw brokenOff('The model gave up the request; try again.');
        return {
          ...modelFinished(update.reason, this.hasToken),
          usage: update.usage,
          queueMs: update.queueMs,
        };
    }
  }

  #onStarted(inputTokens: number): void {
    this.#inputTokens = inputTokens;
    if (this.#started) return;
    this.#started = true;
    this.#turn.writer.add([{ type: 'turn_started', turn: inProgress(this.#turn.document.turn) }]);
    if (this.#turn.log.watched) this.#turn.writer.flush();
  }

  #onChunk(text: string, tokens: number): void {
    this.#onTokens(tokens);
    this.#turn.answer.add(text);
    this.#coalescer.add(tokens);
  }

  #onCall({ index, tokens, ...call }: Extract<ModelUpdate, { type: 'tool_call' }>): void {
    this.#onTokens(tokens);
    this.#turn.answer.addCall(index, call);
    this.#coalescer.add(tokens);
  }

  #onTokens(tokens: number): void {
    if (this.#firstTokenAtMs === undefined) {
      this.#firstTokenAtMs = this.#clock.now();
      this.#armTimer(this.#turn.deadlines.total.remainingMs());
    }
    this.#outputTokens += tokens;
  }

  #flush(): void {
    this.#turn.writer.add(this.#turn.answer.takeDelta());
    this.#turn.writer.flush();
  }

  #armTimer(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#turn.stop('deadline'), ms);
  }
}

function brokenOff(message: string): ParleyError {
  return new ParleyError('unavailable', message);
}
