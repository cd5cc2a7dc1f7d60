import { ParleyError } from '@parley/kernel';
import type { Engine, LoadedModel, LoadOptions, ModelInspection, ModelSpec } from '../../../ports/engine.ts';
import { fromHostError } from './host-connection.ts';
import type { HostConnection, HostConnectionOptions } from './host-connection.ts';
import { HostedModel } from './hosted-model.ts';
import { HostSupervisor } from './host-supervisor.ts';

/** GGUF models on llama.cpp, in a host process of their own. */
export class GgufEngine implements Engine {
  readonly name = 'gguf';
  readonly #hosts: HostSupervisor;
  /** One load at a time, so that a host that dies while it loads names its culprit. */
  #turn: Promise<unknown> = Promise.resolve();
  #generation = 0;

  constructor(options: HostConnectionOptions) {
    this.#hosts = new HostSupervisor(options);
  }

  /** The host process, for tests and diagnostics. */
  get hostPid(): number | undefined {
    return this.#hosts.pid;
  }

  async inspect(path: string): Promise<ModelInspection> {
    const host = await this.#hosts.host();
    return (await host.ask({ kind: 'inspect', path })) as ModelInspection;
  }

  load(spec: ModelSpec, options: LoadOptions): Promise<LoadedModel> {
    const load = this.#turn.then(() => this.#load(spec, options));
    this.#turn = load.catch(() => undefined);
    return load;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hosts[Symbol.asyncDispose]();
  }

  async #load(spec: ModelSpec, options: LoadOptions): Promise<LoadedModel> {
    options.signal.throwIfAborted();
    options.onProgress?.({ stage: 'starting the engine', share: 0 });
    const host = await this.#hosts.host();
    const key = `${spec.name}#${++this.#generation}`;
    await loadInto(host, key, spec, options);
    return new HostedModel(host, key, spec, options.onStep);
  }
}

async function loadInto(
  host: HostConnection,
  key: string,
  spec: ModelSpec,
  options: LoadOptions,
): Promise<void> {
  const { signal } = options;
  const loaded = Promise.withResolvers<void>();
  host.listen(key, (message) => {
    if (message.type === 'loading') options.onProgress?.(message.progress);
    if (message.type === 'loaded') loaded.resolve();
    if (message.type === 'load-failed') loaded.reject(fromHostError(message.error));
  });
  const onAbort = (): void => {
    host.send({ type: 'unload', model: key });
    loaded.reject(signal.reason as Error);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  host.send({ type: 'load', model: key, spec });
  const died = host.process.ended.then((how) => {
    throw new ParleyError('engine_failed', `The engine host ${how} while it loaded model "${spec.name}".`);
  });
  try {
    await Promise.race([loaded.promise, died]);
  } catch (error) {
    host.unlisten(key);
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    died.catch(() => undefined);
  }
}
