import type { InstanceChange } from '../domain/fleet-view.ts';
import type { FleetStatus } from '../domain/instance-status.ts';

/** What happened in the fleet. */
export interface FleetEvents {
  instanceChanged(change: InstanceChange, fleet: FleetStatus): void;
}
