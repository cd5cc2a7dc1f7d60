import { join } from 'node:path';
import { ParleyError } from '@parley/kernel';
import type { FileLock } from '@parley/sqlite';
import { childEnvironment } from './child-environment.ts';
import type { FleetPaths } from './child-environment.ts';
import { inheritedEnvironment } from './config.ts';
import { removeFleetFile, writeFleetFile } from './fleet-file.ts';
import { Instance } from './instance.ts';
import { LogFile } from './log-file.ts';
import { loopback } from './loopback-ports.ts';
import { whatIsMissing } from './readiness-report.ts';
import { spawnService } from './spawn-service.ts';
import { stopOrder } from './service-name.ts';
import type { Fleet, FleetEvent, FleetOptions, InstanceStatus } from './fleet.ts';
import type { FleetPlan, InstancePlan } from './plan.ts';
import type { ServiceName } from './service-name.ts';

const defaultStartLimitMs = 60_000;
const rotateEveryMs = 5_000;
const lastLinesShown = 15;

/** What a running fleet is made of. */
export interface RunningFleetParts {
  readonly options: FleetOptions;
  readonly plan: FleetPlan;
  readonly paths: FleetPaths;
  readonly stopLimitMs: number;
  readonly entryOf: (service: ServiceName) => string;
  readonly lock: FileLock;
}

interface Member {
  readonly plan: InstancePlan;
  readonly instance: Instance;
  readonly log: LogFile | undefined;
}

/** The instances of one fleet, started and stopped together. */
export class RunningFleet implements Fleet {
  readonly url: string;
  readonly apiKey: string;
  readonly dataDir: string;
  readonly exited: Promise<void>;
  readonly #parts: RunningFleetParts;
  readonly #members: readonly Member[];
  readonly #startedAt = new Date().toISOString();
  readonly #ended: PromiseWithResolvers<void> = Promise.withResolvers();
  #rotation: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;
  #ending = false;

  constructor(parts: RunningFleetParts) {
    this.#parts = parts;
    this.apiKey = parts.paths.apiKey;
    this.dataDir = parts.paths.data.dir;
    this.exited = this.#ended.promise;
    this.#members = parts.plan.instances.map((plan) => this.#member(plan));
    this.url = this.instances().find(({ url }) => url !== undefined)?.url ?? '';
  }

  /** Starts the gateways when all others are ready. A failed start ends what was started, then rejects. */
  async start(signal: AbortSignal | undefined): Promise<void> {
    const onAbort = (): void => void this.#endAtOnce();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#rotation = setInterval(() => this.#rotateLogs(), rotateEveryMs);
    try {
      await this.#startThose((member) => member.plan.service !== 'gateway', signal);
      await this.#startThose((member) => member.plan.service === 'gateway', signal);
    } catch (error) {
      await this.#endAtOnce();
      this.#release();
      throw signal?.aborted === true ? cancelled() : error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  instances(): InstanceStatus[] {
    return this.#members.map(({ plan, instance }) => ({
      service: plan.service,
      index: plan.index,
      pid: instance.pid,
      state: instance.state,
      grpcAddress: `${loopback}:${plan.grpcPort}`,
      telemetryUrl: `http://${loopback}:${plan.telemetryPort}`,
      url: plan.httpPort === undefined ? undefined : `http://${loopback}:${plan.httpPort}`,
      publicGrpcAddress: plan.publicGrpcPort === undefined ? undefined : `${loopback}:${plan.publicGrpcPort}`,
      restarts: instance.restarts,
    }));
  }

  kill(service: ServiceName, index: number, signal: NodeJS.Signals): void {
    const member = this.#members.find(({ plan }) => plan.service === service && plan.index === index);
    if (member === undefined) throw new ParleyError('not_found', `The fleet has no ${service} ${index}.`);
    member.instance.kill(signal);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  async forceStop(): Promise<void> {
    const stopped = this.stop();
    for (const { instance } of this.#members) if (instance.pid !== undefined) instance.kill('SIGKILL');
    await stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #startThose(which: (member: Member) => boolean, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) throw cancelled();
    await Promise.all(this.#members.filter(which).map(({ instance }) => instance.start()));
  }

  async #stopInOrder(): Promise<void> {
    this.#ending = true;
    for (const { instance } of this.#members) instance.retire();
    for (const service of stopOrder) {
      const members = this.#members.filter(({ plan }) => plan.service === service);
      if (members.length === 0) continue;
      const begun = performance.now();
      this.#tell({ type: 'stopping', service });
      const forced = await Promise.all(members.map(({ instance }) => instance.stop()));
      this.#tell({
        type: 'stopped',
        service,
        forced: forced.includes(true),
        durationMs: performance.now() - begun,
      });
    }
    this.#release();
  }

  /** Ends what a start has begun: nothing is in flight yet, so no order is needed. */
  async #endAtOnce(): Promise<void> {
    this.#ending = true;
    await Promise.all(this.#members.map(({ instance }) => instance.stop()));
  }

  #release(): void {
    clearInterval(this.#rotation);
    removeFleetFile(this.#parts.paths.data.fleetFile);
    this.#parts.lock.release();
    this.#ended.resolve();
  }

  #member(plan: InstancePlan): Member {
    const { options, paths, entryOf, stopLimitMs } = this.#parts;
    const name = plan.index === 0 ? plan.service : `${plan.service}-${plan.index}`;
    const log = options.logTo === 'inherit' ? undefined : new LogFile(join(paths.data.logs, `${name}.log`));
    const env = childEnvironment(options.env ?? inheritedEnvironment(), this.#parts.plan, plan, paths);
    // What is wrong from the start is told at the start; what becomes wrong later must not end a fleet that runs.
    const strict = { PARLEY_DOCUMENT_FAULTS: 'refuse', ...env };
    const instance: Instance = new Instance({
      service: plan.service,
      index: plan.index,
      startLimitMs: options.startLimitMs ?? defaultStartLimitMs,
      stopLimitMs,
      spawn: () => spawnService(entryOf(plan.service), instance.restarts === 0 ? strict : env, log),
      lastLines: () => log?.lastLines(lastLinesShown) ?? [],
      whatIsMissing: () => whatIsMissing(`http://${loopback}:${plan.telemetryPort}`),
      onEvent: (event) => this.#tell(event),
    });
    return { plan, instance, log };
  }

  #tell(event: FleetEvent): void {
    if (!this.#ending && (event.type === 'starting' || event.type === 'exited')) this.#writeFile();
    this.#parts.options.onEvent?.(event);
  }

  #writeFile(): void {
    const { paths, plan, entryOf } = this.#parts;
    const instances = this.instances().map(({ state: _state, ...rest }) => ({
      ...rest,
      entry: entryOf(rest.service),
    }));
    const content = {
      url: this.url,
      pid: process.pid,
      startedAt: this.#startedAt,
      instances,
      addresses: plan.addresses,
    };
    unlessDiskFails(() => writeFleetFile(paths.data.fleetFile, content));
  }

  #rotateLogs(): void {
    for (const { log } of this.#members) unlessDiskFails(() => log?.rotate());
  }
}

/** A full disk or a removed data folder must not end the services that still run. */
function unlessDiskFails(write: () => void): void {
  try {
    write();
  } catch {
    // The next event or turn of the timer tries again.
  }
}

function cancelled(): ParleyError {
  return new ParleyError('cancelled', 'The start was stopped.');
}
