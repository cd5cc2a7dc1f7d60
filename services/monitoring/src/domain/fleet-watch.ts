import type { InstanceProbe } from '../ports/instance-probe.ts';
import type { FleetEvents } from '../ports/fleet-events.ts';
import type { FleetView } from './fleet-view.ts';
import type { Target } from './instance-status.ts';
import type { StatusFeed } from './status-feed.ts';

/** Asks instances how they are and spreads what changed. */
export class FleetWatch {
  readonly #probe: InstanceProbe;
  readonly #view: FleetView;
  readonly #feed: StatusFeed;
  readonly #events: FleetEvents;

  constructor(probe: InstanceProbe, view: FleetView, feed: StatusFeed, events: FleetEvents) {
    this.#probe = probe;
    this.#view = view;
    this.#feed = feed;
    this.#events = events;
  }

  /** One look at one target; never rejects. What is seen after the signal aborted is not taken in. */
  async look(target: Target, signal: AbortSignal): Promise<void> {
    const observation = await this.#probe.ask(target, signal);
    if (signal.aborted) return;
    const change = this.#view.observe(target, observation);
    if (change === undefined) return;
    this.#events.instanceChanged(change, this.#view.status());
    this.#feed.changed();
  }
}
