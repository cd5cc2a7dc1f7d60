import { sleep } from '@parley/kernel';
import type { ReceivedRecord, SubscribeOptions, Subscription } from '../ports.ts';
import type { GroupMember } from './group-member.ts';
import { LeaseKeeper } from './lease-keeper.ts';

/** How often a waiting consumer looks for records. */
const pollMs = 25;
/** How often a member that is not active looks whether the lease is free. */
const standbyPollMs = 200;
/** Delays before a batch comes again: the first, doubling up to the last. */
const firstRetryMs = 100;
const lastRetryMs = 5_000;

/**
 * A running subscription: waits for the group's lease, then hands over batches, topic after topic. The handler's
 * signal aborts when the lease is lost or the subscription is being disposed; the batch may still succeed then.
 */
export class GroupSubscription implements Subscription {
  readonly #member: GroupMember;
  readonly #options: SubscribeOptions;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  readonly #onClosed: () => void;

  constructor(member: GroupMember, options: SubscribeOptions, onClosed: () => void) {
    this.#member = member;
    this.#options = options;
    this.#onClosed = onClosed;
    this.#running = this.#run();
  }

  lag(): Promise<number> {
    return this.#member.lag();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
    this.#onClosed();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted;) {
      try {
        if ((await this.#member.free()) && (await this.#member.lease())) await this.#consume();
        else await pause(standbyPollMs, signal);
        failures = 0;
      } catch (error) {
        this.#options.onError?.(error);
        await pause(retryDelayMs(failures++), signal);
      }
    }
  }

  /** Works as the active member until the lease is lost or the subscription closes. */
  async #consume(): Promise<void> {
    await using lease = new LeaseKeeper(this.#member, this.#closing.signal);
    while (!lease.signal.aborted) {
      let found = 0;
      for (const topic of this.#member.topics) {
        const batch = await this.#member.next(topic, this.#options.batchSize ?? 256);
        found += batch.length;
        if (batch.length > 0 && !lease.signal.aborted) await this.#handle(batch, lease);
      }
      if (found === 0) await pause(pollMs, lease.signal);
    }
  }

  async #handle(batch: readonly ReceivedRecord[], lease: LeaseKeeper): Promise<void> {
    for (let failures = 0; !lease.signal.aborted;) {
      try {
        await this.#options.onBatch(batch, lease.signal);
        if (!(await this.#member.handled(batch))) lease.lose();
        return;
      } catch (error) {
        this.#options.onError?.(error);
        await pause(retryDelayMs(failures++), lease.signal);
      }
    }
  }
}

function retryDelayMs(failures: number): number {
  return Math.min(lastRetryMs, firstRetryMs * 2 ** failures);
}

/** Waits, or returns early when the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, signal).catch(() => undefined);
}
