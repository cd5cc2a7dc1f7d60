import { sleep } from '@parley/kernel';
import type { LeaseStore } from '@parley/state/ports';
import { Turns } from '../turns.ts';

const leaseMs = 10_000;
const renewMs = 3_000;
const retryMs = 200;

/** What only one instance of the fleet does at a time. */
export class FleetLease {
  readonly #leases: LeaseStore;
  readonly #name: string;
  readonly #owner: string;
  /** A lease does not part what one owner does at a time. */
  readonly #turns = new Turns();

  /** @param owner this instance */
  constructor(leases: LeaseStore, name: string, owner: string) {
    this.#leases = leases;
    this.#name = name;
    this.#owner = owner;
  }

  /**
   * Does `work` while no other instance does its own. An instance that dies lets the others go on 10 s later.
   * @param onWait is called when another one has it now.
   * @throws what `work` throws; the signal's reason while it waits; ParleyError `unavailable` of the store.
   */
  hold<T>(signal: AbortSignal, work: () => Promise<T>, onWait?: () => void): Promise<T> {
    return this.#turns.run(signal, () => this.#hold(signal, work, onWait));
  }

  async #hold<T>(signal: AbortSignal, work: () => Promise<T>, onWait: (() => void) | undefined): Promise<T> {
    for (let waits = 0; !(await this.#take()); waits++) {
      if (waits === 0) onWait?.();
      await sleep(retryMs, signal);
    }
    // One that cannot be renewed is another's after its time; what is done under it does no harm beside that.
    let renewal: Promise<unknown> = Promise.resolve();
    const renewing = setInterval(() => {
      renewal = this.#take().catch(() => false);
    }, renewMs);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      clearInterval(renewing);
      // A renewal that came after the release would hold it for nobody.
      await renewal;
      await this.#leases.release([this.#name], this.#owner).catch(() => undefined);
    }
  }

  async #take(): Promise<boolean> {
    return (await this.#leases.acquire([this.#name], this.#owner, leaseMs)).size > 0;
  }
}
