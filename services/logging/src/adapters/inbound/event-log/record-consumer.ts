import { toParleyError } from '@parley/kernel';
import type { EventLog, EventSubscriber, ReceivedRecord, Subscription } from '@parley/events/ports';
import type { Health } from '../../../domain/health.ts';
import type { Recorder } from '../../../domain/recorder.ts';

/** What the consumer tells about its work. */
export interface ConsumerEvents {
  batchWritten(seconds: number): void;
  consumeFailed(error: unknown): void;
  lagMeasured(events: number): void;
}

const group = 'logging';
/** As many as a topic has when nothing else is configured: what they bring is written together. */
const partitionsAtOnce = 12;

/** What the consumer needs of the event log. */
type ConsumedLog = EventSubscriber & Pick<EventLog, 'health'>;

/** Feeds the recorder from the event log, and knows how that goes. */
export class RecordConsumer implements AsyncDisposable {
  readonly #log: ConsumedLog;
  readonly #topics: readonly string[];
  readonly #recorder: Recorder;
  readonly #events: ConsumerEvents;
  #subscription: Subscription | undefined;
  #health: Health = { ok: false, reason: 'The subscription to the event log has not started.' };

  constructor(log: ConsumedLog, topics: readonly string[], recorder: Recorder, events: ConsumerEvents) {
    this.#log = log;
    this.#topics = topics;
    this.#recorder = recorder;
    this.#events = events;
  }

  async start(): Promise<void> {
    this.#subscription = await this.#log.subscribe({
      group,
      topics: this.#topics,
      partitionsAtOnce,
      onBatch: (records) => this.#handle(records),
      onError: (error) => this.#failed(error),
    });
    this.#health = { ok: true };
  }

  /** Brings the lag gauge up to date. A log that can be read and has nothing left to handle is a sound one. */
  async measureLag(): Promise<void> {
    if (this.#subscription === undefined) return;
    const lag = await this.#subscription.lag();
    this.#events.lagMeasured(lag);
    if (lag === 0) this.#health = { ok: true };
  }

  /** A log that is away hands over nothing, and does not say so by itself. */
  health(): Health {
    const log = this.#log.health();
    return log.ok ? this.#health : { ok: false, reason: log.reason };
  }

  /** Finishes the batch in work; its place in the log is kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#subscription?.[Symbol.asyncDispose]();
    this.#subscription = undefined;
    this.#health = { ok: false, reason: 'The subscription to the event log has ended.' };
  }

  async #handle(records: readonly ReceivedRecord[]): Promise<void> {
    const startedAt = performance.now();
    await this.#recorder.record(records);
    this.#events.batchWritten((performance.now() - startedAt) / 1000);
    this.#health = { ok: true };
  }

  #failed(error: unknown): void {
    this.#health = { ok: false, reason: toParleyError(error).message };
    this.#events.consumeFailed(error);
  }
}
