import type { Clock } from '@parley/kernel';
import type { OwnerStore } from '@parley/state/ports';

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
  #living: readonly string[] = [];

  constructor(owners: OwnerStore, settings: OwnerSettings) {
    this.#owners = owners;
    this.#settings = settings;
  }

  /** Whether the store surely counts this instance as alive. */
  get alive(): boolean {
    return this.#settings.clock.now() < this.#aliveUntilMs;
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
