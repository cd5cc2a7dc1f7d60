import { ParleyError, toParleyError } from '@parley/kernel';
import type {
  CountRequest,
  CountResult,
  Embeddings,
  EngineAbilities,
  EngineRequest,
  EngineUpdate,
  LoadedModel,
  ModelMemory,
  ModelSpec,
} from '../../../ports/engine.ts';
import { AnswerChannel } from '../engine-parts/answer-channel.ts';
import { Places } from '../engine-parts/places.ts';
import { ThoughtReader } from '../engine-parts/thought-reader.ts';
import { AnswerLog } from './answer-log.ts';
import { chatRequestBody, takes } from './chat-request.ts';
import type { RequestForm } from './request-form.ts';
import { HealthWatch } from './health-watch.ts';
import { PromptRoom } from './prompt-room.ts';
import { RemoteAnswer } from './remote-answer.ts';
import type { RemoteClient } from './remote-client.ts';
import { RemoteCalls } from './remote-calls.ts';
import { remoteEmbeddings } from './remote-embeddings.ts';
import type { RemoteSettings } from './remote-settings-schema.ts';
import { TokenCounter } from './token-counter.ts';

/** As with other engines: shorter than the 25 ms in which dialogue gathers text. */
const chunkGapMs = 20;

/** What a remote model is made of. */
export interface OpenaiModelParts {
  readonly spec: ModelSpec;
  readonly settings: RemoteSettings;
  readonly client: RemoteClient;
  readonly form: RequestForm;
  /** Throws while the server is not well. */
  readonly ping: (signal: AbortSignal) => Promise<unknown>;
  readonly warn: (message: string) => void;
}

/** A model that another server runs. */
export class OpenaiModel implements LoadedModel {
  readonly contextTokens: number;
  readonly slots: number;
  readonly abilities: EngineAbilities;
  readonly lost: Promise<ParleyError>;
  readonly #parts: OpenaiModelParts;
  readonly #places: Places;
  readonly #counter: TokenCounter;
  readonly #room: PromptRoom;
  readonly #health: HealthWatch;
  /** Aborts with what running answers end with. */
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #warned = new Set<string>();

  constructor(parts: OpenaiModelParts) {
    const { spec, settings, client, form, ping } = parts;
    this.#parts = parts;
    this.contextTokens = spec.contextTokens;
    this.slots = spec.slots;
    this.abilities = abilitiesOf(settings, form);
    this.#places = new Places(spec);
    this.#counter = new TokenCounter(client, form, (why) => this.#warnOnce(why));
    this.#room = new PromptRoom(spec, form, this.#counter);
    this.#health = new HealthWatch({ ask: ping, ...settings.health });
    this.lost = this.#health.lost;
    void this.lost.then((error) => this.#closing.abort(error));
  }

  async *generate(request: EngineRequest, caller: AbortSignal): AsyncGenerator<EngineUpdate, void> {
    const leaving = new AbortController();
    const signal = AbortSignal.any([caller, this.#closing.signal, leaving.signal]);
    if (signal.aborted) throw reasonOf(signal);
    const channel = new AnswerChannel(chunkGapMs);
    const abandon = (): void => channel.abandon(reasonOf(signal));
    signal.addEventListener('abort', abandon, { once: true });
    const run = this.#run(request, signal, channel);
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
    try {
      for (let update = await channel.next(); update !== undefined; update = await channel.next())
        yield update;
    } finally {
      signal.removeEventListener('abort', abandon);
      if (!channel.closed) leaving.abort(cancelled());
    }
  }

  countTokens(request: CountRequest): Promise<CountResult> {
    const { signal } = this.#closing;
    return within(signal, this.#counter.count(request, signal));
  }

  embed(texts: readonly string[], caller: AbortSignal): Promise<Embeddings> {
    const { client, settings } = this.#parts;
    const signal = AbortSignal.any([caller, this.#closing.signal]);
    return within(signal, remoteEmbeddings(client, settings, texts, signal));
  }

  memory(): Promise<ModelMemory> {
    return Promise.resolve({ device: 'remote', weightsBytes: 0, kvBytes: 0, computeBytes: 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new ParleyError('model_not_ready', 'The model was unloaded. Try again.'));
    this.#health[Symbol.dispose]();
    await Promise.all(this.#running);
    this.#parts.client[Symbol.dispose]();
  }

  /** Feeds the channel; never rejects. */
  async #run(request: EngineRequest, outer: AbortSignal, channel: AnswerChannel): Promise<void> {
    const arrivedAt = performance.now();
    using limit = new TimeLimit(request.timeLimitMs);
    const signal = AbortSignal.any([outer, limit.signal]);
    const { spec } = this.#parts;
    let log: AnswerLog | undefined;
    try {
      const body = chatRequestBody(request, this.#parts.form);
      using _place = await this.#places.take(request, signal);
      const queueMs = performance.now() - arrivedAt;
      const inputTokens = await this.#room.require(request, signal);
      const mostTokens = request.maxOutputTokens === 0 ? this.contextTokens : request.maxOutputTokens;
      log = new AnswerLog(channel, {
        stop: request.stop,
        inputTokens,
        mostTokens,
        queueMs,
        calls: new RemoteCalls(this.#parts.client.title, request.tools?.single ?? false),
        thoughts: spec.reasoning === 'think-tags' ? new ThoughtReader(false) : undefined,
      });
      await this.#answer(body, log, { signal, endAt: limit.endAt });
      if (!log.isCounted) this.#warnOnce(`${this.#parts.client.title} tells no usage: tokens are estimated.`);
    } catch (thrown) {
      if (limit.signal.aborted && !outer.aborted && log?.hasText === true) return log.finish('deadline');
      channel.fail(signal.aborted ? reasonOf(signal) : toParleyError(thrown));
    }
  }

  #answer(body: unknown, log: AnswerLog, limits: { signal: AbortSignal; endAt: number }): Promise<void> {
    const { client, settings } = this.#parts;
    const around = {
      client,
      timeouts: settings.timeouts,
      onAlive: () => this.#health.alive(),
      onTrouble: () => this.#health.suspect(),
    };
    return new RemoteAnswer(around, body, log, limits).run();
  }

  #warnOnce(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#parts.warn(message);
  }
}

/** The time for an answer. */
class TimeLimit implements Disposable {
  /** Milliseconds of `performance.now()`. */
  readonly endAt: number;
  readonly #late = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(ms: number | undefined) {
    this.endAt = ms === undefined ? Number.POSITIVE_INFINITY : performance.now() + ms;
    const tooLate = new ParleyError(
      'deadline_exceeded',
      'The time for the answer was up before its first token.',
    );
    if (ms !== undefined) this.#timer = setTimeout(() => this.#late.abort(tooLate), ms);
  }

  get signal(): AbortSignal {
    return this.#late.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

function abilitiesOf({ abilities }: RemoteSettings, form: RequestForm): EngineAbilities {
  return {
    grammar: abilities.json,
    logitBias: takes('logitBias', form),
    logprobs: false,
    images: false,
    tools: abilities.tools,
    embeddings: abilities.embeddings,
    continueSupport: 'none',
  };
}

async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw signal.aborted ? reasonOf(signal) : error;
  }
}

function cancelled(cause?: unknown): ParleyError {
  return new ParleyError('cancelled', 'The request was cancelled.', { cause });
}

function reasonOf(signal: AbortSignal): ParleyError {
  const reason: unknown = signal.reason;
  return reason instanceof ParleyError ? reason : cancelled(reason);
}
