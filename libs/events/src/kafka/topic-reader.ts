import { ParleyError, sleep } from '@parley/kernel';
import type { EventPage, ReceivedRecord } from '../ports.ts';
import type { KafkaAdmin } from './kafka-admin.ts';
import { isUnknownTopic, kafkaError } from './kafka-errors.ts';
import { readTimeoutMs } from './kafka-options.ts';
import { recordOf } from './record-codec.ts';
import type { TopicFetcher } from './topic-fetcher.ts';
import type { TopicNames } from './topic-names.ts';
import { placeOfText, textOfPlace } from './topic-place.ts';
import type { TopicPlace } from './topic-place.ts';
import { within } from './within.ts';

/** What a partition holds: the first offset kept, and the one after the last. */
interface Bounds {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

/** What a page is asked for. */
interface PageRequest {
  readonly topic: string;
  readonly after: string;
  readonly limit: number;
  /** `performance.now()` */
  readonly endsAt: number;
}

const retryMs = 250;
/** A page is tried again when the cluster changes under it. */
const tries = 4;

/** Reads topics beside all groups. */
export class TopicReader implements AsyncDisposable {
  readonly #fetcher: TopicFetcher;
  readonly #admin: KafkaAdmin;
  readonly #names: TopicNames;
  readonly #closed = new AbortController();

  constructor(fetcher: TopicFetcher, admin: KafkaAdmin, names: TopicNames) {
    this.#fetcher = fetcher;
    this.#admin = admin;
    this.#names = names;
  }

  /** As `EventSubscriber.read` has it. */
  async read(topic: string, after: string, limit: number): Promise<EventPage> {
    const place = placeOfText(after);
    const request = { topic, after, limit, endsAt: performance.now() + readTimeoutMs };
    const { signal } = this.#closed;
    for (let attempt = 1; ; attempt++) {
      try {
        const leftMs = Math.max(1, request.endsAt - performance.now());
        return await within(leftMs, `read ${topic}`, this.#page(request, place), signal);
      } catch (error) {
        this.#fetcher.leave();
        const over = attempt === tries || performance.now() + retryMs >= request.endsAt;
        if (over || signal.aborted) throw kafkaError(error);
        await sleep(retryMs, signal);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new ParleyError('unavailable', 'The event log has been closed.'));
    await this.#fetcher[Symbol.asyncDispose]();
  }

  async #page({ topic, after, limit, endsAt }: PageRequest, from: TopicPlace): Promise<EventPage> {
    const bounds = await this.#bounds(topic);
    if (bounds === undefined) return { records: [], next: after };
    const place = new Map(from);
    const records: ReceivedRecord[] = [];
    while (records.length < limit && performance.now() < endsAt) {
      const wanted = bounds
        .map(({ partition, low, high }) => {
          return { partition, high, offset: Math.min(high, Math.max(low, place.get(partition) ?? 0)) };
        })
        .filter(({ offset, high }) => offset < high);
      let moved = false;
      for (const { partition, messages } of await this.#fetcher.fetch(this.#names.outside(topic), wanted)) {
        for (const message of messages) {
          if (records.length === limit) break;
          if (!message.isControlRecord) records.push(recordOf(topic, partition, message));
          place.set(partition, Number(message.offset) + 1);
          moved = true;
        }
      }
      // The end, or nothing but gaps that compaction has left.
      if (!moved) break;
    }
    return { records, next: textOfPlace(place) };
  }

  /** Undefined where the topic is not there. */
  async #bounds(topic: string): Promise<Bounds[] | undefined> {
    try {
      const name = this.#names.outside(topic);
      const offsets = await this.#admin.ask(`offsets of ${topic}`, (admin) => admin.fetchTopicOffsets(name));
      return offsets
        .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
        .toSorted((a, b) => a.partition - b.partition);
    } catch (error) {
      if (isUnknownTopic(error)) return undefined;
      throw error;
    }
  }
}
