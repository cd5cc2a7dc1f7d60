import { ParleyError } from '@parley/kernel';
import type { EventRecord } from '../ports.ts';
import { AppendQueue } from './append-queue.ts';
import type { WaitingRecord } from './append-queue.ts';
import { isTooLarge, kafkaError } from './kafka-errors.ts';
import { appendTimeoutMs, goodbyeMs } from './kafka-options.ts';
import { PendingAppend } from './pending-append.ts';
import { within } from './within.ts';

/** What one process may have waiting: far more than a relay ever has, little enough to keep in memory. */
const queueLimits = { records: 20_000, bytes: 64 * 1024 * 1024 };
/** One batch of one partition has to stay below the 1 MiB that a topic takes by default. */
const sendLimits = { records: 500, bytes: 768 * 1024 };

/** Sends batches, one at a time, each until it is durable or `endsAt` (`performance.now()`) has come. */
export interface BatchSender extends AsyncDisposable {
  send(batch: readonly WaitingRecord[], endsAt: number): Promise<void>;
}

/**
 * Appends in order, one send at a time: what comes while one is on its way goes out together with the next. Nothing
 * waits for company, so that a lone event is durable after one round trip.
 */
export class KafkaAppender implements AsyncDisposable {
  readonly #sender: BatchSender;
  readonly #trouble: () => string;
  readonly #timeoutMs: number;
  readonly #queue = new AppendQueue(queueLimits);
  #sending = false;
  #idle: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param trouble what is wrong with the cluster as far as is known; `''` = nothing */
  constructor(sender: BatchSender, trouble: () => string, timeoutMs = appendTimeoutMs) {
    this.#sender = sender;
    this.#trouble = trouble;
    this.#timeoutMs = timeoutMs;
  }

  async append(records: readonly EventRecord[]): Promise<void> {
    if (records.length === 0) return;
    if (this.#closed) throw closedError();
    const append = new PendingAppend(records.length, this.#timeoutMs, () => this.#late());
    try {
      this.#queue.add(records, append);
    } catch (error) {
      append.reject(kafkaError(error));
    }
    if (!this.#sending) {
      this.#sending = true;
      this.#idle = this.#send();
    }
    await append.done;
  }

  /** Takes nothing more, and gives what has been appended a few seconds; the rest fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await within(goodbyeMs, 'end', this.#idle).catch(() => {
      this.#queue.failAll(closedError());
    });
    await this.#sender[Symbol.asyncDispose]();
  }

  async #send(): Promise<void> {
    // Appends of the same moment belong to the same send.
    await Promise.resolve();
    for (;;) {
      const batch = this.#queue.take(sendLimits);
      if (batch.length === 0) {
        this.#sending = false;
        return;
      }
      try {
        await this.#sendAll(batch);
        for (const { append } of batch) append.acknowledge();
      } catch (error) {
        const failure = this.#failure(error);
        for (const { append } of batch) append.reject(failure);
        // What is behind it must not overtake it when both are appended again.
        const behind = new ParleyError('unavailable', 'An append before this one failed; append it again.', {
          cause: failure,
        });
        this.#queue.failAll(behind);
      }
    }
  }

  #failure(error: unknown): ParleyError {
    if (this.#closed) return closedError();
    return isTooLarge(error) ? kafkaError(error) : this.#late(error);
  }

  #late(cause?: unknown): ParleyError {
    const trouble = this.#trouble();
    const message = `Kafka has not taken the events within ${this.#timeoutMs / 1_000} s`;
    const options = cause === undefined ? {} : { cause };
    return new ParleyError('unavailable', trouble === '' ? `${message}.` : `${message}. ${trouble}`, options);
  }

  /** Sends a batch; one that a topic finds too large goes in halves. */
  async #sendAll(batch: readonly WaitingRecord[]): Promise<void> {
    const endsAt = Math.max(...batch.map(({ append }) => append.endsAt));
    try {
      await this.#sender.send(batch, endsAt);
    } catch (error) {
      if (!isTooLarge(error) || batch.length === 1) throw error;
      const half = Math.ceil(batch.length / 2);
      await this.#sendAll(batch.slice(0, half));
      await this.#sendAll(batch.slice(half));
    }
  }
}

function closedError(): ParleyError {
  return new ParleyError('unavailable', 'The event log has been closed.');
}
