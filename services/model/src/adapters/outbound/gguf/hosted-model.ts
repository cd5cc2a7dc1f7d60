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
import type { LoadOptions } from '../../../ports/load-progress.ts';
import { AnswerChannel } from '../engine-parts/answer-channel.ts';
import { fromHostError, hostEnded } from './host-connection.ts';
import type { HostConnection, ModelMessage } from './host-connection.ts';
import type { AnswerEvent } from './host-protocol.ts';
import { unpackVectors } from './packed-vectors.ts';
import type { PackedVectors } from './packed-vectors.ts';

/** A host that does not give a model back in this time is left to its end. */
const unloadTimeoutMs = 10_000;

/** Shorter than the 25 ms in which dialogue gathers text, so that nobody sees it. */
const chunkGapMs = 20;

interface OpenAnswer {
  readonly channel: AnswerChannel;
  inputTokens: number;
}

/** Vectors of as many texts as one request may hold take minutes on a slow machine. */
const embedTimeoutMs = 600_000;

/** What llama.cpp does with any model. */
export const ggufAbilities: EngineAbilities = {
  grammar: true,
  logitBias: true,
  logprobs: false,
  images: false,
  tools: true,
  embeddings: false,
  continueSupport: 'none',
};

/** A model in an engine host, as the service sees it. */
export class HostedModel implements LoadedModel {
  readonly contextTokens: number;
  readonly slots: number;
  readonly abilities: EngineAbilities;
  readonly lost: Promise<ParleyError>;
  readonly #host: HostConnection;
  readonly #key: string;
  readonly #name: string;
  readonly #onStep: LoadOptions['onStep'];
  readonly #answers = new Map<string, OpenAnswer>();
  readonly #unloaded = Promise.withResolvers<void>();
  #lastAnswer = 0;
  #closing: Promise<void> | undefined;

  /** @param key the name under which the host has loaded it */
  constructor(
    host: HostConnection,
    key: string,
    spec: ModelSpec,
    onStep: LoadOptions['onStep'],
    abilities = ggufAbilities,
  ) {
    this.#host = host;
    this.#key = key;
    this.#onStep = onStep;
    this.abilities = abilities;
    this.#name = spec.name;
    this.contextTokens = spec.contextTokens;
    this.slots = spec.slots;
    host.listen(key, (message) => this.#receive(message));
    this.lost = host.process.ended.then((how) => this.#lose(how));
  }

  async *generate(request: EngineRequest, signal: AbortSignal): AsyncGenerator<EngineUpdate, void> {
    if (signal.aborted) throw abortReason(signal);
    if (!this.#host.process.alive) throw hostEnded('has ended');
    if (this.#closing !== undefined) throw unloaded();
    const id = String(++this.#lastAnswer);
    const channel = new AnswerChannel(chunkGapMs);
    this.#answers.set(id, { channel, inputTokens: 0 });
    const cancel = (): void => this.#host.send({ type: 'cancel', model: this.#key, id });
    const onAbort = (): void => {
      if (!channel.closed) cancel();
      channel.abandon(abortReason(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#host.send({ type: 'generate', model: this.#key, id, request });
    try {
      for (let update = await channel.next(); update !== undefined; update = await channel.next())
        yield update;
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (!channel.closed) cancel();
      this.#answers.delete(id);
    }
  }

  async countTokens(request: CountRequest): Promise<CountResult> {
    return (await this.#host.ask({ kind: 'count', model: this.#key, request })) as CountResult;
  }

  async embed(texts: readonly string[], signal: AbortSignal): Promise<Embeddings> {
    if (!this.abilities.embeddings) {
      const message = `Model "${this.#name}" makes no embeddings: it answers.`;
      throw new ParleyError('unsupported', message, { param: 'model' });
    }
    if (this.#closing !== undefined) throw unloaded();
    const query = { kind: 'embed', model: this.#key, texts } as const;
    try {
      return unpackVectors((await this.#host.askUntil(query, signal, embedTimeoutMs)) as PackedVectors);
    } catch (error) {
      if (signal.aborted) throw abortReason(signal);
      throw error;
    }
  }

  async memory(): Promise<ModelMemory> {
    return (await this.#host.ask({ kind: 'memory', model: this.#key })) as ModelMemory;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const { channel } of this.#answers.values()) channel.fail(unloaded());
    if (!this.#host.process.alive) return;
    this.#host.send({ type: 'unload', model: this.#key });
    const timer = setTimeout(() => this.#unloaded.resolve(), unloadTimeoutMs);
    await Promise.race([this.#unloaded.promise, this.#host.process.ended]);
    clearTimeout(timer);
    this.#host.unlisten(this.#key);
  }

  #receive(message: ModelMessage): void {
    if (message.type === 'unloaded') this.#unloaded.resolve();
    if (message.type !== 'step') return;
    if (message.figures !== undefined) this.#onStep?.(message.figures);
    for (const event of message.events) this.#tell(event);
  }

  #tell(event: AnswerEvent): void {
    const answer = this.#answers.get(event.id);
    if (answer === undefined) return;
    switch (event.type) {
      case 'started':
        answer.inputTokens = event.inputTokens;
        answer.channel.push({ type: 'started', inputTokens: event.inputTokens });
        return;
      case 'chunk':
        answer.channel.push({ type: 'chunk', text: event.text, tokenIds: event.tokenIds });
        return;
      case 'tool-call': {
        const { callId, index, name, arguments: written, tokenIds } = event;
        answer.channel.push({ type: 'tool-call', index, id: callId, name, arguments: written, tokenIds });
        return;
      }
      case 'finished': {
        const { reason, outputTokens, queueMs, cachedTokens = 0, cachedFrom } = event;
        answer.channel.push({
          type: 'finished',
          reason,
          inputTokens: answer.inputTokens,
          outputTokens,
          queueMs,
          cachedTokens,
          ...(cachedFrom && { cachedFrom }),
        });
        return;
      }
      case 'failed':
        answer.channel.fail(fromHostError(event.error));
        return;
    }
  }

  #lose(how: string): ParleyError {
    const error = hostEnded(how);
    for (const { channel } of this.#answers.values()) channel.fail(error);
    return error;
  }
}

function unloaded(): ParleyError {
  return new ParleyError('model_not_ready', 'The model was unloaded. Try again.');
}

function abortReason(signal: AbortSignal): ParleyError {
  const reason: unknown = signal.reason;
  if (reason instanceof ParleyError) return reason;
  return new ParleyError('cancelled', 'The request was cancelled.', { cause: toParleyError(reason) });
}
