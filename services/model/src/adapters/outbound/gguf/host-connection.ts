import { ParleyError } from '@parley/kernel';
import { HostProcess } from './host-process.ts';
import type { GpuChoice, HostCommand, HostError, HostMessage, HostQuery } from './host-protocol.ts';

/** A message that belongs to one loaded model. */
export type ModelMessage = Extract<HostMessage, { readonly model: string }>;

export interface HostConnectionOptions {
  /** What the host process runs, as `HostProcessOptions` has it; absent: llama.cpp. */
  readonly entry?: URL;
  readonly threads: number;
  /** Absent: `cpu`. */
  readonly gpu?: GpuChoice;
  readonly environment: NodeJS.ProcessEnv;
  readonly onLog: (level: 'warn' | 'error', message: string) => void;
}

/** A host that does not answer a question for so long is stuck. */
const queryTimeoutMs = 30_000;

interface OpenQuery {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A running host with its messages sorted: questions answered, the rest to the model it belongs to. */
export class HostConnection {
  readonly process: HostProcess;
  readonly #options: HostConnectionOptions;
  readonly #listeners = new Map<string, (message: ModelMessage) => void>();
  readonly #queries = new Map<number, OpenQuery>();
  #lastQuery = 0;

  constructor(options: HostConnectionOptions) {
    this.#options = options;
    this.process = new HostProcess({
      settings: { threads: options.threads, ...(options.gpu && { gpu: options.gpu }) },
      ...(options.entry && { entry: options.entry }),
      environment: options.environment,
      onMessage: (message) => this.#receive(message),
    });
    void this.process.ended.then((how) => this.#failQueries(how));
  }

  send(command: HostCommand): void {
    this.process.send(command);
  }

  /** Sends what concerns `model` to `listener`, until it is given up. */
  listen(model: string, listener: (message: ModelMessage) => void): void {
    this.#listeners.set(model, listener);
  }

  unlisten(model: string): void {
    this.#listeners.delete(model);
  }

  /** @throws ParleyError of the host; `engine_failed` when it ends first, `unavailable` when it does not answer. */
  ask(query: HostQuery): Promise<unknown> {
    return this.#put(query, queryTimeoutMs).answer;
  }

  /** The same for a question that takes long. @throws also the signal's reason, and then the host gives up. */
  async askUntil(query: HostQuery, signal: AbortSignal, timeoutMs: number): Promise<unknown> {
    signal.throwIfAborted();
    const { call, answer } = this.#put(query, timeoutMs);
    const onAbort = (): void => {
      this.send({ type: 'give-up', call });
      this.#takeQuery(call)?.reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    return answer.finally(() => signal.removeEventListener('abort', onAbort));
  }

  #put(query: HostQuery, timeoutMs: number): { readonly call: number; readonly answer: Promise<unknown> } {
    const call = ++this.#lastQuery;
    if (!this.process.alive) return { call, answer: Promise.reject(hostEnded('has ended')) };
    const answer = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#queries.delete(call);
        reject(new ParleyError('unavailable', 'The engine host did not answer in time.'));
      }, timeoutMs);
      this.#queries.set(call, { resolve, reject, timer });
      this.send({ type: 'query', call, query });
    });
    return { call, answer };
  }

  #receive(message: HostMessage): void {
    switch (message.type) {
      case 'ready':
      case 'unusable':
        return;
      case 'log':
        this.#options.onLog(message.level, message.message);
        return;
      case 'result':
        this.#takeQuery(message.call)?.resolve(message.result);
        return;
      case 'query-failed':
        this.#takeQuery(message.call)?.reject(fromHostError(message.error));
        return;
      case 'loading':
      case 'loaded':
      case 'load-failed':
      case 'unloaded':
      case 'step':
        this.#listeners.get(message.model)?.(message);
        return;
    }
  }

  #takeQuery(call: number): OpenQuery | undefined {
    const query = this.#queries.get(call);
    this.#queries.delete(call);
    clearTimeout(query?.timer);
    return query;
  }

  #failQueries(how: string): void {
    for (const call of this.#queries.keys()) this.#takeQuery(call)?.reject(hostEnded(how));
  }
}

/** A host's error as it was thrown there. */
export function fromHostError({ code, message, retryable, param, retryAfterMs }: HostError): ParleyError {
  return new ParleyError(code, message, {
    retryable,
    ...(param === undefined ? {} : { param }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** What everybody gets who waits for a host that is gone. */
export function hostEnded(how: string): ParleyError {
  return new ParleyError('engine_failed', `The engine host ${how}; it is being restarted. Try again.`);
}
