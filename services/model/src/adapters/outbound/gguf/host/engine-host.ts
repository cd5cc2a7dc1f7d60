import { ParleyError, toParleyError } from '@parley/kernel';
import type { EngineRequest } from '../../../../ports/engine.ts';
import type { AnswerEvent, HostCommand, HostError, HostMessage, HostQuery } from '../host-protocol.ts';
import type { PackedVectors } from '../packed-vectors.ts';
import type { HostEngine, HostModel } from './host-engine.ts';
import type { StepEvent } from './answer/step-events.ts';

type Load = { readonly abort: AbortController; readonly model: Promise<HostModel | undefined> };

/** What an engine host process does: holds models and answers the service's commands. */
export class EngineHost {
  readonly #engine: HostEngine;
  readonly #send: (message: HostMessage) => void;
  readonly #loads = new Map<string, Load>();
  readonly #models = new Map<string, HostModel>();
  readonly #unloading = new Set<Promise<void>>();
  /** Vectors that are being made, by the call that wants them. */
  readonly #embedding = new Map<number, AbortController>();

  constructor(engine: HostEngine, send: (message: HostMessage) => void) {
    this.#engine = engine;
    this.#send = send;
  }

  handle(command: HostCommand): void {
    switch (command.type) {
      case 'load':
        this.#loads.set(command.model, this.#load(command));
        return;
      case 'unload':
        void this.#unload(command.model).then(() => this.#send({ type: 'unloaded', model: command.model }));
        return;
      case 'generate':
        void this.#generate(command.model, command.id, command.request);
        return;
      case 'cancel':
        this.#cancel(command.model, command.id);
        return;
      case 'query':
        void this.#answer(command.call, command.query);
        return;
      case 'give-up':
        this.#embedding.get(command.call)?.abort(cancelled());
        return;
      case 'forget':
        for (const model of this.#models.values()) void model.forget?.(command.own);
        return;
      case 'close':
        return;
    }
  }

  /** Ends everything and gives the memory back. */
  async close(): Promise<void> {
    for (const model of this.#loads.keys()) void this.#unload(model);
    await Promise.all(this.#unloading);
  }

  #load({ model, spec, kept }: Extract<HostCommand, { readonly type: 'load' }>): Load {
    const abort = new AbortController();
    const loading = this.#engine.load(spec, {
      signal: abort.signal,
      ...(kept && { kept }),
      onTrouble: (message) => this.#send({ type: 'log', level: 'warn', message }),
      onProgress: (progress) => this.#send({ type: 'loading', model, progress }),
      emit: (events, figures) =>
        this.#send({ type: 'step', model, ...(figures && { figures }), events: events.map(answerEvent) }),
    });
    const settled = loading.then(
      (loaded) => {
        this.#models.set(model, loaded);
        this.#send({ type: 'loaded', model, embeds: loaded.embed !== undefined });
        return loaded;
      },
      (error: unknown) => {
        this.#loads.delete(model);
        this.#send({ type: 'load-failed', model, error: hostError(error) });
        return undefined;
      },
    );
    return { abort, model: settled };
  }

  #unload(model: string): Promise<void> {
    const unloading = this.#end(model).finally(() => this.#unloading.delete(unloading));
    this.#unloading.add(unloading);
    return unloading;
  }

  async #end(model: string): Promise<void> {
    const load = this.#loads.get(model);
    this.#loads.delete(model);
    this.#models.delete(model);
    load?.abort.abort(new ParleyError('cancelled', 'The load was cancelled.'));
    await (await load?.model)?.close();
    this.#models.delete(model);
  }

  async #generate(model: string, id: string, request: EngineRequest): Promise<void> {
    const receivedAt = performance.now();
    try {
      const inputTokens = await this.#model(model).generate(id, request, receivedAt);
      this.#tell(
        model,
        inputTokens === undefined ? failed(id, cancelled()) : { type: 'started', id, inputTokens },
      );
    } catch (error) {
      this.#tell(model, failed(id, error));
    }
  }

  #cancel(model: string, id: string): void {
    this.#models.get(model)?.cancel(id);
  }

  async #answer(call: number, query: HostQuery): Promise<void> {
    try {
      this.#send({ type: 'result', call, result: await this.#ask(call, query) });
    } catch (error) {
      this.#send({ type: 'query-failed', call, error: hostError(error) });
    }
  }

  #ask(call: number, query: HostQuery): unknown {
    switch (query.kind) {
      case 'inspect':
        return this.#engine.inspect(query.path);
      case 'count':
        return this.#model(query.model).count(query.request);
      case 'memory':
        return this.#model(query.model).memory();
      case 'cards':
        return this.#engine.freeCardBytes?.();
      case 'keep':
        return Promise.all(Array.from(this.#models.values(), async (model) => model.keep?.()));
      case 'embed':
        return this.#embed(call, query.model, query.texts);
    }
  }

  async #embed(call: number, name: string, texts: readonly string[]): Promise<PackedVectors> {
    const model = this.#model(name);
    if (model.embed === undefined)
      throw new ParleyError('unsupported', 'This model makes no embeddings.', { param: 'model' });
    const abort = new AbortController();
    this.#embedding.set(call, abort);
    try {
      return await model.embed(texts, abort.signal);
    } finally {
      this.#embedding.delete(call);
    }
  }

  #model(name: string): HostModel {
    const model = this.#models.get(name);
    if (model === undefined)
      throw new ParleyError('model_not_ready', 'The model is not in this engine host.');
    return model;
  }

  #tell(model: string, event: AnswerEvent): void {
    this.#send({ type: 'step', model, events: [event] });
  }
}

function answerEvent(event: StepEvent): AnswerEvent {
  if (event.type !== 'failed') return event;
  const { code, message, retryAfterMs } = event;
  return failed(event.id, new ParleyError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs }));
}

function failed(id: string, error: unknown): AnswerEvent {
  return { type: 'failed', id, error: hostError(error) };
}

function cancelled(): ParleyError {
  return new ParleyError('cancelled', 'The request was cancelled.');
}

function hostError(error: unknown): HostError {
  const fault = error instanceof ParleyError ? error : engineFault(error);
  const { code, message, retryable, param, retryAfterMs } = fault;
  return {
    code,
    message,
    retryable,
    ...(param === undefined ? {} : { param }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** The service cannot see this process's causes, so the message carries them. */
function engineFault(error: unknown): ParleyError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ParleyError('engine_failed', `The engine failed: ${reason}`, { cause: toParleyError(error) });
}
