import { ParleyError } from '@parley/kernel';
import type { OutboxStats } from '@parley/state/ports';

/** What happens to new turns while their events cannot be published. */
export interface PublishingLimits {
  /** `outbox`: events wait in the state store; `refuse`: no new turns. */
  readonly whenAway: 'outbox' | 'refuse';
  /** How old an event may be that waits in the outbox; milliseconds. */
  readonly mostWaitMs: number;
}

/** Silence after which the event log counts as away: far above an append, little for what is accepted meanwhile. */
const awayAfterMs = 5_000;
const retryAfterMs = 5_000;

/**
 * Whether new turns may come, for the sake of their events. It knows what the relay of this instance sees: an event log
 * that has not acknowledged an append for 5 s is away, until it acknowledges one.
 */
export class PublishingGate {
  readonly #limits: PublishingLimits;
  readonly #nowMs: () => number;
  #unansweredSinceMs: number | undefined;
  #oldestMs = 0;

  /** @param nowMs a time that only grows */
  constructor(limits: PublishingLimits, nowMs: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /** Events are on their way to the event log. */
  sending(): void {
    this.#unansweredSinceMs ??= this.#nowMs();
  }

  /** The event log has them. */
  acknowledged(): void {
    this.#unansweredSinceMs = undefined;
  }

  /** The outbox was looked at. */
  measured({ oldestMs }: OutboxStats): void {
    this.#oldestMs = oldestMs;
  }

  /** What is wrong, in words; `''` while events are published. */
  get trouble(): string {
    const since = this.#unansweredSinceMs;
    if (since !== undefined && this.#nowMs() - since > awayAfterMs) {
      const effect =
        this.#limits.whenAway === 'refuse' ? 'new turns are refused' : 'events wait in the outbox';
      return `the event log has not acknowledged events for ${seconds(this.#nowMs() - since)} s; ${effect}`;
    }
    if (this.#oldestMs > this.#limits.mostWaitMs)
      return `an event has waited ${seconds(this.#oldestMs)} s to be published; new turns are refused`;
    return '';
  }

  /** @throws ParleyError `unavailable` while no new turn may be accepted. */
  require(): void {
    const since = this.#unansweredSinceMs;
    const away = since !== undefined && this.#nowMs() - since > awayAfterMs;
    if (away && this.#limits.whenAway === 'refuse') {
      const message = 'Events cannot be published at the moment, so no new turn is accepted; try again.';
      throw new ParleyError('unavailable', message, { retryAfterMs });
    }
    if (this.#oldestMs > this.#limits.mostWaitMs) {
      const message = 'Events have waited too long to be published; no new turn is accepted until they are.';
      throw new ParleyError('overloaded', message, { retryAfterMs });
    }
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
