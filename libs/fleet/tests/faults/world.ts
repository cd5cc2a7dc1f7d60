import { join } from 'node:path';
import type { ServiceName } from '@parley/fleet';
import { TestFleet, eventually } from '../support/test-fleet.ts';
import type { TestFleetOptions } from '../support/test-fleet.ts';
import type { Gateways } from './client.ts';
import { RecordReader } from './record-reader.ts';

/** Ten processes start at once, on a machine that may be busy. */
const startLimitMs = 240_000;
/** A service has this long to be back; the supervisor waits up to 10 s before a restart. */
const backWithinMs = 60_000;

/** A fleet of simulated answers, as faults see it. */
export class World implements AsyncDisposable {
  readonly fleet: TestFleet;
  readonly gateways: Gateways;
  readonly record: RecordReader;

  private constructor(fleet: TestFleet) {
    this.fleet = fleet;
    const urls = fleet.fleet.instances().flatMap(({ url }) => url ?? []);
    this.gateways = { urls, apiKey: fleet.fleet.apiKey };
    this.record = new RecordReader(this.gateways);
  }

  static async start(options: TestFleetOptions): Promise<World> {
    const configDir = join(import.meta.dirname, 'config');
    return new World(await TestFleet.start({ configDir, startLimitMs, ...options }));
  }

  /** The process ids of a service's instances. @throws Error when one does not run */
  pids(service: ServiceName): number[] {
    const instances = this.fleet.fleet.instances().filter((instance) => instance.service === service);
    return instances.map(({ pid, index }) => {
      if (pid === undefined) throw new Error(`${service} ${index} does not run`);
      return pid;
    });
  }

  /** Where a service's instances tell of themselves. */
  telemetryUrls(service: ServiceName): string[] {
    const instances = this.fleet.fleet.instances().filter((instance) => instance.service === service);
    return instances.map(({ telemetryUrl }) => telemetryUrl);
  }

  /** Waits until every instance says that it is ready. */
  async allReady(): Promise<void> {
    await eventually('all instances are ready', backWithinMs, async () => {
      const answers = this.fleet.fleet.instances().map(async ({ state, telemetryUrl }) => {
        if (state !== 'ready') return false;
        const signal = AbortSignal.timeout(2_000);
        return (await fetch(`${telemetryUrl}/readyz`, { signal })).ok;
      });
      return (await Promise.all(answers)).every(Boolean) ? true : undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet[Symbol.asyncDispose]();
  }
}
