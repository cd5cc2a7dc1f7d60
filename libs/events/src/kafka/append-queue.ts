import { ParleyError } from '@parley/kernel';
import type { EventRecord } from '../ports.ts';
import type { PendingAppend } from './pending-append.ts';
import { messageOf } from './record-codec.ts';
import type { KafkaMessage } from './record-codec.ts';

/** What may wait at once, over all appends. */
export interface QueueLimits {
  readonly records: number;
  readonly bytes: number;
}

/** A record that waits to be sent. */
export interface WaitingRecord {
  readonly topic: string;
  readonly message: KafkaMessage;
  readonly bytes: number;
  readonly append: PendingAppend;
}

/** Headers, key and framing of a record, rounded up. */
const headerBytes = 768;

/** The records of all appends that are not durable yet, in order. */
export class AppendQueue {
  readonly #limits: QueueLimits;
  #waiting: WaitingRecord[] = [];
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** @throws ParleyError `overloaded` when that does not fit; an append alone always does. */
  add(records: readonly EventRecord[], append: PendingAppend): void {
    const added = records.map((record): WaitingRecord => {
      const bytes = headerBytes + Buffer.byteLength(record.data);
      return { topic: record.topic, message: messageOf(record), bytes, append };
    });
    const bytes = this.#bytes + added.reduce((sum, record) => sum + record.bytes, 0);
    const count = this.#waiting.length + added.length;
    if (!this.empty && (count > this.#limits.records || bytes > this.#limits.bytes)) {
      const message = 'Too many events wait for Kafka already; append again later.';
      throw new ParleyError('overloaded', message, { retryAfterMs: 1_000, details: { count, bytes } });
    }
    this.#waiting.push(...added);
    this.#bytes = bytes;
  }

  /** Takes the oldest records, at least one and within the limits; those of appends that have ended are left out. */
  take(limits: QueueLimits): WaitingRecord[] {
    const taken: WaitingRecord[] = [];
    let bytes = 0;
    let passed = 0;
    for (const record of this.#waiting) {
      if (!record.append.settled) {
        const fits = taken.length < limits.records && bytes + record.bytes <= limits.bytes;
        if (taken.length > 0 && !fits) break;
        taken.push(record);
        bytes += record.bytes;
      }
      passed += 1;
    }
    this.#drop(passed);
    return taken;
  }

  /** Empties the queue; every append in it fails. */
  failAll(error: ParleyError): void {
    for (const { append } of this.#waiting) append.reject(error);
    this.#drop(this.#waiting.length);
  }

  #drop(count: number): void {
    for (const { bytes } of this.#waiting.slice(0, count)) this.#bytes -= bytes;
    this.#waiting = this.#waiting.slice(count);
  }
}
