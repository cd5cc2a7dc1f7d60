import { sleep, toParleyError } from '@parley/kernel';
import type { Engine, LoadedModel, ModelSpec } from '../../../ports/engine.ts';
import type { LoadOptions } from '../../../ports/load-progress.ts';
import type { ProbeVerdict, WantedWeights, WeightFiles } from '../../../ports/model-files.ts';
import { readPrecisions, requireReadable } from './file/inspect-in-child.ts';
import { hostEnded } from './host-connection.ts';
import type { HostConnection, HostConnectionOptions } from './host-connection.ts';
import { HostWatch } from './host-watch.ts';
import type { HostWatchTimes, WatchedHost } from './host-watch.ts';
import { ggufAbilities, HostedModel } from './hosted-model.ts';
import { HostSupervisor } from './host-supervisor.ts';
import type { HostSupervisorOptions } from './host-supervisor.ts';
import { llamaCppVersion } from './llama-cpp-version.ts';
import type { KeptSettings } from './host-protocol.ts';
import { KeptFolder } from './kept/kept-folder.ts';
import { KeptKeys } from './kept/kept-keys.ts';
import { KeptUpkeep } from './kept/kept-upkeep.ts';
import { loadInto } from './load-into.ts';
import { MovableModel } from './movable-model.ts';
import { probeFile } from './probe-file.ts';
import { systemReadings } from './resident-memory.ts';
import type { MemoryReadings } from './resident-memory.ts';
import { findWeights } from './weights/find-weights.ts';
import { partsOf } from './weights/part-name.ts';
import { precisionOf } from './weights/precision.ts';

/** Answers of a host that was replaced are ended after so long. */
const mostDrainMs = 120_000;

/** How the engine runs its host. */
export interface GgufEngineOptions extends HostConnectionOptions, Pick<HostSupervisorOptions, 'onRestart'> {
  /** Whether a host that holds far more memory than its models take is replaced; default false. */
  readonly replaceHosts?: boolean;
  /** Where what sequences hold outlives hosts; absent: nowhere. */
  readonly kept?: KeptSettings;
  /** For tests: what is read of the host's memory, and how often. */
  readonly readings?: MemoryReadings;
  readonly watchTimes?: HostWatchTimes;
}

/** GGUF models on llama.cpp, in a host process of their own. */
export class GgufEngine implements Engine {
  readonly name = 'gguf';
  readonly version = `node-llama-cpp ${llamaCppVersion}`;
  readonly embeds = false;
  readonly precisionOf = precisionOf;
  readonly #options: GgufEngineOptions;
  readonly #hosts: HostSupervisor;
  readonly #watch: HostWatch | undefined;
  /** What the host that works holds, and how it was loaded. */
  readonly #models = new Map<MovableModel, ModelSpec>();
  readonly #steps = new Map<MovableModel, LoadOptions['onStep']>();
  readonly #upkeep: KeptUpkeep | undefined;
  readonly #closing = new AbortController();
  /** One load at a time, so that a host that dies while it loads names its culprit. */
  #turn: Promise<unknown> = Promise.resolve();
  #generation = 0;

  constructor(options: GgufEngineOptions) {
    this.#options = options;
    const { replaceHosts = false, readings = systemReadings, watchTimes, onLog, kept } = options;
    this.#upkeep =
      kept === undefined ? undefined : new KeptUpkeep(new KeptFolder(kept.folder), kept.maxBytes);
    this.#watch = replaceHosts
      ? new HostWatch(this.#watched(), readings, (error) => onLog('warn', notReplaced(error)), watchTimes)
      : undefined;
    this.#hosts = new HostSupervisor({ ...options, onReady: async (pid) => this.#watch?.begun(pid) });
  }

  /** The host process, for tests and diagnostics. */
  get hostPid(): number | undefined {
    return this.#hosts.pid;
  }

  /** Starts the host process before the first load does. @throws ParleyError `engine_failed` when it cannot start. */
  async start(): Promise<void> {
    await this.#hosts.host();
  }

  findWeights(wanted: WantedWeights, signal: AbortSignal): Promise<WeightFiles> {
    return findWeights(wanted, (paths) => readPrecisions(paths, signal));
  }

  async freeCardBytes(): Promise<number | undefined> {
    if ((this.#options.gpu ?? 'cpu') === 'cpu') return undefined;
    const host = await this.#hosts.host();
    return (await host.ask({ kind: 'cards' })) as number | undefined;
  }

  async prove(spec: ModelSpec, signal: AbortSignal): Promise<ProbeVerdict> {
    await requireReadable(partsOf(spec.path), signal);
    // A file is tried out because it is to be loaded: the host may get up meanwhile. Who loads sees its failure.
    this.start().catch(() => undefined);
    return probeFile(spec, this.#options, signal);
  }

  load(spec: ModelSpec, options: LoadOptions): Promise<LoadedModel> {
    return this.#inTurn(() => this.#load(spec, options));
  }

  /** Looks at the host's memory now. */
  look(): Promise<void> {
    return this.#watch?.look() ?? Promise.resolve();
  }

  async keep(): Promise<void> {
    if (this.#kept !== undefined) await this.#hosts.running?.ask({ kind: 'keep' });
  }

  async forget(own: string): Promise<void> {
    this.#hosts.tell({ type: 'forget', own });
    const { kept } = this.#options;
    if (kept !== undefined)
      await new KeptFolder(kept.folder).forget(KeptKeys.fromWire(kept.keys).scopeTags(own));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#upkeep?.[Symbol.asyncDispose]();
    this.#watch?.[Symbol.dispose]();
    this.#closing.abort(hostEnded('is closed'));
    await this.#hosts[Symbol.asyncDispose]();
  }

  async #load(spec: ModelSpec, options: LoadOptions): Promise<LoadedModel> {
    options.signal.throwIfAborted();
    options.onProgress?.({ stage: 'starting the engine', share: 0 });
    const model = new MovableModel(await this.#loadInto(await this.#hosts.host(), spec, options), (gone) => {
      this.#models.delete(gone);
      this.#steps.delete(gone);
    });
    this.#models.set(model, spec);
    this.#steps.set(model, options.onStep);
    return model;
  }

  async #loadInto(host: HostConnection, spec: ModelSpec, options: LoadOptions): Promise<HostedModel> {
    const key = `${spec.name}#${++this.#generation}`;
    await loadInto(host, key, spec, options, this.#kept);
    const abilities = spec.toolCalls === 'none' ? { ...ggufAbilities, tools: false } : ggufAbilities;
    return new HostedModel(host, key, spec, options.onStep, abilities);
  }

  get #kept(): KeptSettings | undefined {
    return this.#options.kept?.maxBytes === 0 ? undefined : this.#options.kept;
  }

  #watched(): WatchedHost {
    return {
      pid: () => this.hostPid,
      ledgerBytes: () => this.#ledgerBytes(),
      replace: () => this.#inTurn(() => this.#replace()),
    };
  }

  async #ledgerBytes(): Promise<number> {
    const memories = await Promise.all(Array.from(this.#models.keys(), (model) => model.memory()));
    return memories.reduce(
      (sum, { weightsBytes, kvBytes, computeBytes }) => sum + weightsBytes + kvBytes + computeBytes,
      0,
    );
  }

  /** Loads every model once more in a fresh host and goes on there; the old host ends what it has begun. */
  async #replace(): Promise<void> {
    const { signal } = this.#closing;
    const fresh = await this.#hosts.beside();
    try {
      const copies: (readonly [MovableModel, HostedModel])[] = [];
      for (const [model, spec] of this.#models) {
        const onStep = this.#steps.get(model);
        const options = { signal, ...(onStep === undefined ? {} : { onStep }) };
        copies.push([model, await this.#loadInto(fresh, { ...spec, proven: true }, options)]);
      }
      // One that has gone meanwhile needs no copy.
      for (const [model, copy] of copies) if (!this.#models.has(model)) await copy[Symbol.asyncDispose]();
      const moved = copies
        .filter(([model]) => this.#models.has(model))
        .map(([model, copy]) => model.move(copy));
      this.#hosts.adopt(fresh, Promise.race([Promise.all(moved), sleep(mostDrainMs, signal)]));
    } catch (error) {
      this.#hosts.discard(fresh);
      throw error;
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function notReplaced(error: unknown): string {
  return `The engine host holds more memory than its models take, and could not be replaced: ${toParleyError(error).message}`;
}
