import type { Clock } from '@parley/kernel';
import type { EventPublisher, EventRecord } from '@parley/events/ports';
import type { RecordStore } from '../ports/record-store.ts';
import type { StoredLetter } from './dead-letter.ts';

/** Few, because each may be as large as an event can be. */
const stepLetters = 20;

/**
 * Publishes dead letters for others to see, apart from recording: an event log that is away holds up nothing but this.
 * A letter is published at least once, always under the same id.
 */
export class LetterPublisher {
  readonly #store: RecordStore;
  readonly #log: EventPublisher;
  readonly #encode: (letter: StoredLetter) => EventRecord;
  readonly #clock: Clock;

  constructor(
    store: RecordStore,
    log: EventPublisher,
    encode: (letter: StoredLetter) => EventRecord,
    clock: Clock,
  ) {
    this.#store = store;
    this.#log = log;
    this.#encode = encode;
    this.#clock = clock;
  }

  /** Publishes what has not been; stops early when the signal aborts. @throws ParleyError `unavailable`. */
  async publish(signal?: AbortSignal): Promise<void> {
    while (await this.#publishSome()) if (signal?.aborted === true) return;
  }

  async #publishSome(): Promise<boolean> {
    const letters = await this.#store.letters.unpublished(stepLetters);
    if (letters.length === 0) return false;
    await this.#log.append(letters.map(this.#encode));
    const ids = letters.map(({ id }) => id);
    await this.#store.letters.markPublished(ids, this.#clock.now());
    return true;
  }
}
