import { serviceNames } from '@parley/telemetry';
import type { Logger, Metrics } from '@parley/telemetry';
import type { InstanceChange } from './domain/fleet-view.ts';
import { instanceHealths } from './domain/instance-status.ts';
import type { FleetStatus, InstanceHealth } from './domain/instance-status.ts';
import type { FleetEvents } from './ports/fleet-events.ts';

/** An instance in one of these can take work, or is on its way to. */
const sound: ReadonlySet<InstanceHealth> = new Set(['ready', 'unknown']);

/** Says in metrics and log lines what happened in the fleet. */
export class MonitoringEvents implements FleetEvents {
  readonly #metrics: Metrics;
  readonly #logger: Logger;

  constructor(metrics: Metrics, logger: Logger) {
    this.#metrics = metrics;
    this.#logger = logger;
  }

  instanceChanged({ before, after, restarted }: InstanceChange, fleet: FleetStatus): void {
    const { service, address, instanceId, health, reason } = after;
    const instance = { service, address, id: instanceId };
    const line = { instance, from: before.health, to: health, restarted, reason };
    // Before it has answered once an instance is on its way up, not lost.
    const level = sound.has(health) || instanceId === '' ? 'info' : 'warn';
    this.#logger[level](
      line,
      `An instance of ${service} is ${health.replace('_', ' ')}${restarted ? ', restarted' : ''}`,
    );
    this.fleetSeen(fleet);
  }

  /** Counts the instances by service and health. */
  fleetSeen({ instances }: FleetStatus): void {
    const gauge = this.#metrics.gauge('parley_fleet_instances');
    for (const service of serviceNames) {
      for (const state of instanceHealths) {
        const count = instances.filter((one) => one.service === service && one.health === state).length;
        gauge.set({ service, state }, count);
      }
    }
  }
}
