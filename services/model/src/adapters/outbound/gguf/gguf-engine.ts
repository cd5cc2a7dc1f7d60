import type { Engine, LoadedModel, LoadOptions, ModelSpec, ProbeVerdict } from '../../../ports/engine.ts';
import type { HostConnectionOptions } from './host-connection.ts';
import { HostedModel } from './hosted-model.ts';
import { HostSupervisor } from './host-supervisor.ts';
import { llamaCppVersion } from './llama-cpp-version.ts';
import { loadInto } from './load-into.ts';
import { probeFile } from './probe-file.ts';

/** GGUF models on llama.cpp, in a host process of their own. */
export class GgufEngine implements Engine {
  readonly name = 'gguf';
  readonly version = `node-llama-cpp ${llamaCppVersion}`;
  readonly embeds = false;
  readonly #options: HostConnectionOptions;
  readonly #hosts: HostSupervisor;
  /** One load at a time, so that a host that dies while it loads names its culprit. */
  #turn: Promise<unknown> = Promise.resolve();
  #generation = 0;

  constructor(options: HostConnectionOptions) {
    this.#options = options;
    this.#hosts = new HostSupervisor(options);
  }

  /** The host process, for tests and diagnostics. */
  get hostPid(): number | undefined {
    return this.#hosts.pid;
  }

  /** Starts the host process before the first load does. @throws ParleyError `engine_failed` when it cannot start. */
  async start(): Promise<void> {
    await this.#hosts.host();
  }

  prove(spec: ModelSpec, signal: AbortSignal): Promise<ProbeVerdict> {
    // A file is tried out because it is to be loaded: the host may get up meanwhile. Who loads sees its failure.
    this.start().catch(() => undefined);
    return probeFile(spec, this.#options, signal);
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
