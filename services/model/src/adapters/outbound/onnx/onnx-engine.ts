import type { Engine, EngineAbilities, LoadedModel, ModelSpec } from '../../../ports/engine.ts';
import type { LoadOptions } from '../../../ports/load-progress.ts';
import type { ProbeVerdict, WantedWeights, WeightFiles } from '../../../ports/model-files.ts';
import type { HostConnectionOptions } from '../gguf/host-connection.ts';
import { HostSupervisor } from '../gguf/host-supervisor.ts';
import { HostedModel } from '../gguf/hosted-model.ts';
import { loadInto } from '../gguf/load-into.ts';
import { probeFile } from '../gguf/probe-file.ts';
import { onnxInstallation, onnxRuntimeVersion } from './onnx-installation.ts';
import { findOnnxWeights } from './onnx-weights.ts';

const none: EngineAbilities = {
  grammar: false,
  logitBias: false,
  logprobs: false,
  images: false,
  tools: false,
  embeddings: false,
  continueSupport: 'none',
};

/** Of a model that answers, and of one that makes vectors. */
const answering: EngineAbilities = { ...none, logitBias: true };
const embedding: EngineAbilities = { ...none, embeddings: true };

/** ONNX models on onnxruntime, in a host process of their own. Its packages are installed on demand. */
export class OnnxEngine implements Engine {
  readonly name = 'onnx';
  readonly version = `onnxruntime-node ${onnxRuntimeVersion}`;
  readonly embeds = true;
  readonly #options: HostConnectionOptions;
  readonly #findPackages: () => string;
  readonly #hosts: HostSupervisor;
  /** One load at a time, so that a host that dies while it loads names its culprit. */
  #turn: Promise<unknown> = Promise.resolve();
  #generation = 0;

  /** @param findPackages tells where its packages are; throws where they are not installed */
  constructor(options: Omit<HostConnectionOptions, 'entry'>, findPackages = onnxInstallation) {
    this.#findPackages = findPackages;
    this.#options = { ...options, entry: new URL('./host/main', import.meta.url) };
    this.#hosts = new HostSupervisor(this.#options);
  }

  /** The host process, for tests and diagnostics. */
  get hostPid(): number | undefined {
    return this.#hosts.pid;
  }

  get installed(): boolean {
    try {
      return this.#findPackages() !== '';
    } catch {
      return false;
    }
  }

  findWeights(wanted: WantedWeights): Promise<WeightFiles> {
    return findOnnxWeights(wanted);
  }

  async prove(spec: ModelSpec, signal: AbortSignal): Promise<ProbeVerdict> {
    this.#findPackages();
    return probeFile(spec, this.#options, signal);
  }

  async load(spec: ModelSpec, options: LoadOptions): Promise<LoadedModel> {
    this.#findPackages();
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
    const embeds = await loadInto(host, key, spec, options);
    return new HostedModel(host, key, spec, options.onStep, embeds ? embedding : answering);
  }
}
