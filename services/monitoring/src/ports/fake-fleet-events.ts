import type { InstanceChange } from '../domain/fleet-view.ts';
import type { FleetEvents } from './fleet-events.ts';

/** Keeps what it is told, as short lines in order. */
export class FakeFleetEvents implements FleetEvents {
  readonly lines: string[] = [];

  instanceChanged({ before, after, restarted }: InstanceChange): void {
    this.lines.push(`${after.service} ${before.health} -> ${after.health}${restarted ? ' (restarted)' : ''}`);
  }
}
