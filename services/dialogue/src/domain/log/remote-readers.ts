import type { LeaseStore } from '@parley/state/ports';

/** How long somebody who waits counts as there without saying so again. */
const noticeMs = 10_000;

/**
 * Who waits at another instance than the owner's for a turn whose log only its owner has. Instances do not call each
 * other, so it is a lease: whoever waits holds it, and the owner sees whether it is free.
 */
export class RemoteReaders {
  readonly #leases: LeaseStore;
  readonly #instance: string;

  constructor(leases: LeaseStore, instance: string) {
    this.#leases = leases;
    this.#instance = instance;
  }

  /** Says that somebody here waits for the turn; holds for 10 s. */
  async note(turnId: string): Promise<void> {
    await this.#leases.acquire([nameOf(turnId)], this.#instance, noticeMs);
  }

  /** Whether somebody waits for a turn that runs here. */
  async any(turnId: string): Promise<boolean> {
    const free = await this.#leases.acquire([nameOf(turnId)], this.#instance, 1);
    return !free.has(nameOf(turnId));
  }
}

function nameOf(turnId: string): string {
  return `reader:${turnId}`;
}
