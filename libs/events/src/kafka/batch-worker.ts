import { sleep } from '@parley/kernel';
import type { EachBatchPayload } from 'kafkajs';
import type { ReceivedRecord, SubscribeOptions } from '../ports.ts';
import { sessionTimeoutMs } from './kafka-options.ts';
import { Membership } from './membership.ts';
import { recordOf } from './record-codec.ts';

const defaultBatchSize = 256;
/** Delays before a batch comes again: the first, doubling up to the last. */
const firstRetryMs = 100;
const lastRetryMs = 5_000;

/** Hands over what kafkajs has fetched, batch by batch, and moves the group's place behind each that was handled. */
export class BatchWorker {
  readonly #options: SubscribeOptions;
  readonly #closing: AbortSignal;

  constructor(options: SubscribeOptions, closing: AbortSignal) {
    this.#options = options;
    this.#closing = closing;
  }

  /** @param topic the fleet's name of the topic */
  async work(topic: string, payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const size = this.#options.batchSize ?? defaultBatchSize;
    for (let begin = 0; begin < batch.messages.length; begin += size) {
      if (this.#closing.aborted || !payload.isRunning() || payload.isStale()) return;
      const messages = batch.messages.slice(begin, begin + size);
      const records = messages.map((message) => recordOf(topic, batch.partition, message));
      if (!(await this.#handle(records, payload))) return;
    }
  }

  /** Whether the group's place has moved behind the records. */
  async #handle(records: readonly ReceivedRecord[], payload: EachBatchPayload): Promise<boolean> {
    using membership = new Membership(() => payload.heartbeat(), sessionTimeoutMs);
    const handled = await this.#untilHandled(records, AbortSignal.any([this.#closing, membership.signal]));
    // While a group changes, its members may still say what they have done.
    if (handled) await this.#moveOn(records, payload);
    if (membership.fault !== undefined) throw membership.fault;
    return handled;
  }

  async #untilHandled(records: readonly ReceivedRecord[], signal: AbortSignal): Promise<boolean> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#options.onBatch(records, signal);
        return true;
      } catch (error) {
        // One that was told to stop has not failed.
        if (signal.aborted) return false;
        this.#options.onError?.(error);
        const delayMs = Math.min(lastRetryMs, firstRetryMs * 2 ** failures);
        await sleep(delayMs, signal).catch(() => undefined);
      }
    }
    return false;
  }

  async #moveOn(records: readonly ReceivedRecord[], payload: EachBatchPayload): Promise<void> {
    const last = records.at(-1);
    if (last === undefined) return;
    const { topic, partition } = payload.batch;
    // Before the commit: one that fails for the connection's sake is made good by the next, without handling twice.
    payload.resolveOffset(`${last.offset}`);
    await payload.commitOffsetsIfNecessary({
      topics: [{ topic, partitions: [{ partition, offset: `${last.offset + 1}` }] }],
    });
  }
}
