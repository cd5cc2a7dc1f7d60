import type { GroupMember } from './group-member.ts';

/** Renewals per lease time: two may fail before the lease is lost. */
const renewalsPerLease = 3;

/**
 * Renews a member's lease while it is active, also during a long batch. `signal` aborts when the lease is lost or
 * the subscription closes; disposing gives the lease up.
 */
export class LeaseKeeper implements AsyncDisposable {
  readonly signal: AbortSignal;
  readonly #member: GroupMember;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #renewedAt = performance.now();
  #renewal: Promise<void> = Promise.resolve();

  constructor(member: GroupMember, closing: AbortSignal) {
    this.#member = member;
    this.signal = AbortSignal.any([closing, this.#lost.signal]);
    this.#timer = setInterval(() => {
      this.#renewal = this.#renew();
    }, member.leaseMs / renewalsPerLease);
  }

  /** Says that the lease is another's. */
  lose(): void {
    this.#lost.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewal;
    await this.#member.leave();
  }

  async #renew(): Promise<void> {
    const startedAt = performance.now();
    const renewed = await this.#member.lease().catch(() => undefined);
    if (renewed === true) this.#renewedAt = startedAt;
    else if (renewed === false || performance.now() - this.#renewedAt > this.#member.leaseMs) this.lose();
  }
}
