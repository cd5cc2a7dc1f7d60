import { sleep } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { OwnerStore } from '@parley/state/ports';

/** How long a caller may wait for an answer of the store that was not there in time. */
const askAgainMs = 2_000;

/** How an instance is known as the owner of its turns. */
export interface OwnerSettings {
  readonly owner: string;
  readonly ttlMs: number;
  readonly clock: Clock;
}

/** Says again and again that this instance lives; when it stops, others end its turns. */
export class OwnerLease {
  readonly #owners: OwnerStore;
  readonly #settings: OwnerSettings;
  #aliveUntilMs = 0;
  #renewing: Promise<void> | undefined;
  #living: readonly string[] = [];

  constructor(owners: OwnerStore, settings: OwnerSettings) {
    this.#owners = owners;
    this.#settings = settings;
  }

  /** Whether the store surely counts this instance as alive. */
  get alive(): boolean {
    return this.#settings.clock.now() < this.#aliveUntilMs;
  }

  /**
   * The same, but where it is not sure the store is asked at once, for two seconds at most: an instance that was paused, or
   * whose store was away, is of use as soon as that is over, not only with its next renewal.
   */
  async isAlive(): Promise<boolean> {
    if (this.alive) return true;
    this.#renewing ??= this.renew()
      .catch(() => undefined)
      .finally(() => (this.#renewing = undefined));
    await Promise.race([this.#renewing, sleep(askAgainMs)]);
    return this.alive;
  }

  /** All living instances as of the last renewal, sorted. */
  get living(): readonly string[] {
    return this.#living;
  }

  async renew(): Promise<void> {
    const { owner, ttlMs, clock } = this.#settings;
    const askedAtMs = clock.now();
    this.#living = await this.#owners.renew(owner, ttlMs);
    this.#aliveUntilMs = askedAtMs + ttlMs;
  }

  async release(): Promise<void> {
    this.#aliveUntilMs = 0;
    await this.#owners.release(this.#settings.owner);
  }
}
