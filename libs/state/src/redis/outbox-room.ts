import { ParleyError } from '@parley/kernel';
import type { OutboxEvent } from '../ports.ts';
import { bytesOf } from './event-arguments.ts';

/** What the outbox may hold before new turns are refused. */
export interface OutboxLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** What the outbox holds. */
export interface OutboxSize {
  readonly count: number;
  readonly bytes: number;
}

/** How old a measurement may be; what other processes add meanwhile is how far the bounds may be passed. */
const freshMs = 500;

/**
 * Keeps the bounds of an outbox that is spread over slots, which no single atomic step can count: by measuring it twice a
 * second while turns come, adding what this process commits, and measuring again before it refuses.
 */
export class OutboxRoom {
  readonly #measure: () => Promise<OutboxSize>;
  readonly #limits: OutboxLimits;
  #measured: OutboxSize | undefined;
  #measuredAt = 0;
  #added = { count: 0, bytes: 0 };
  #measuring: Promise<void> | undefined;

  constructor(measure: () => Promise<OutboxSize>, limits: OutboxLimits) {
    this.#measure = measure;
    this.#limits = limits;
  }

  /**
   * Checks the bounds; for new turns only, because the end of an accepted turn is never refused.
   * @throws ParleyError `overloaded` when `events` do not fit.
   */
  async require(events: readonly OutboxEvent[]): Promise<void> {
    if (events.length === 0) return;
    if (this.#measured === undefined || !this.#fits(events)) await this.#refresh();
    // A measurement that fails says nothing against this turn; its own commit will tell what is wrong.
    else if (performance.now() - this.#measuredAt > freshMs) void this.#refresh().catch(() => undefined);
    if (this.#fits(events)) return;
    const details = this.#with(events);
    const message = 'Too many events wait to be published; no new turn is accepted until they are.';
    throw new ParleyError('overloaded', message, { retryAfterMs: 1_000, details });
  }

  /** Says that this process has committed events. */
  added(events: readonly OutboxEvent[]): void {
    const bytes = events.reduce((sum, event) => sum + bytesOf(event), 0);
    this.#added = { count: this.#added.count + events.length, bytes: this.#added.bytes + bytes };
  }

  #fits(events: readonly OutboxEvent[]): boolean {
    const { count, bytes } = this.#with(events);
    return count <= this.#limits.maxEvents && bytes <= this.#limits.maxBytes;
  }

  #with(events: readonly OutboxEvent[]): { count: number; bytes: number } {
    const { count, bytes } = this.#measured ?? { count: 0, bytes: 0 };
    const own = events.reduce((sum, event) => sum + bytesOf(event), 0);
    return { count: count + this.#added.count + events.length, bytes: bytes + this.#added.bytes + own };
  }

  #refresh(): Promise<void> {
    this.#measuring ??= this.#measureNow().finally(() => (this.#measuring = undefined));
    return this.#measuring;
  }

  async #measureNow(): Promise<void> {
    const before = this.#added;
    this.#measuredAt = performance.now();
    this.#measured = await this.#measure();
    // What was added while measuring may be in it or not: counted twice rather than not at all.
    this.#added = { count: this.#added.count - before.count, bytes: this.#added.bytes - before.bytes };
  }
}
