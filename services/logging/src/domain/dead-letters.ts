import { ParleyError, toParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { ReceivedRecord } from '@parley/events/ports';
import type { RecordEvents } from '../ports/record-events.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { recordOf } from './dead-letter.ts';
import type { DeadLetter, StoredLetter } from './dead-letter.ts';
import { Erasures } from './erasures.ts';
import { checkedLimit, maxAnswerLength } from './page-limits.ts';
import { recordBatch } from './record-batch.ts';
import type { IncomingEvent } from './recorded-event.ts';
import type { RecordInspector } from './record-inspector.ts';
import { secondEnd, storeRefused } from './recorder.ts';

/** More ids than an answer can tell of. */
const maxIds = 1000;
/** Letters that are tried again between two looks at the list. */
const pageLetters = 100;

/** One page of the list. */
export interface LetterPage {
  readonly letters: readonly StoredLetter[];
  /** Cursor of the next page; "" when there is none yet. */
  readonly next: string;
}

/** What trying again came to. */
export interface RetryOutcome {
  /** Letters that left the list: recorded now, or found to be recorded already. */
  readonly recorded: number;
  /** Letters that stay, with their reasons as of now and without payloads; 1000 at most. */
  readonly refused: readonly StoredLetter[];
}

/** What could not be recorded: for people to look at, and to try again once the reason is gone. */
export class DeadLetters {
  readonly #inspector: RecordInspector;
  readonly #store: RecordStore;
  readonly #erasures: Erasures;
  readonly #events: RecordEvents;
  readonly #clock: Clock;

  constructor(inspector: RecordInspector, store: RecordStore, events: RecordEvents, clock: Clock) {
    this.#inspector = inspector;
    this.#store = store;
    this.#erasures = new Erasures(store);
    this.#events = events;
    this.#clock = clock;
  }

  /** Letters in the order they came. @throws ParleyError `invalid_request`. */
  async list(after: string, limit: number): Promise<LetterPage> {
    const wanted = checkedLimit(limit);
    const position = decodeCursor(after, 'letters');
    // One more than wanted tells whether there is a next page.
    const bounds = { after: position, limit: wanted + 1, maxDataLength: maxAnswerLength };
    const found = await this.#store.letters.page(bounds);
    const letters = found.slice(0, wanted);
    const last = letters.at(-1)?.position ?? position;
    const [more] = await this.#store.letters.page({ after: last, limit: 1, maxDataLength: 1 });
    return { letters, next: more === undefined ? '' : encodeCursor(last, 'letters') };
  }

  /**
   * Takes letters through the inspection again, one after another, in the order they came.
   * @param ids those to try, what is not on the list left out; none = all
   * @throws ParleyError `invalid_request`, `unavailable`, the signal's reason; what was done before that stays done.
   */
  async retry(ids: readonly string[], signal?: AbortSignal): Promise<RetryOutcome> {
    if (ids.length > maxIds) {
      throw new ParleyError('invalid_request', `At most ${maxIds} letters can be named at once.`, {
        param: 'ids',
      });
    }
    let recorded = 0;
    const refused: StoredLetter[] = [];
    for await (const letter of ids.length === 0 ? this.#all() : this.#named(ids)) {
      signal?.throwIfAborted();
      const refusal = await this.#retryOne(letter);
      if (refusal === undefined) recorded += 1;
      else if (refused.length < maxIds) refused.push({ ...letter, ...refusal, data: '' });
    }
    this.#events.lettersRetried(recorded, refused.length);
    return { recorded, refused };
  }

  async *#all(): AsyncGenerator<StoredLetter> {
    for (let after = 0; ;) {
      const bounds = { after, limit: pageLetters, maxDataLength: maxAnswerLength };
      const letters = await this.#store.letters.page(bounds);
      yield* letters;
      const last = letters.at(-1);
      if (last === undefined) return;
      after = last.position;
    }
  }

  /** One at a time: nobody knows how large they are. */
  async *#named(ids: readonly string[]): AsyncGenerator<StoredLetter> {
    for (const id of new Set(ids)) yield* await this.#store.letters.load([id]);
  }

  /** Why it stays; undefined when it has left the list. */
  async #retryOne(letter: StoredLetter): Promise<Pick<DeadLetter, 'reason' | 'detail'> | undefined> {
    const record = recordOf(letter);
    const outcome = record === undefined ? undefined : this.#inspector.inspect(record);
    if (outcome === undefined) return this.#refuse(letter, incomplete);
    if ('dead' in outcome) return this.#refuse(letter, outcome.dead);
    try {
      return await this.#recordNow(letter, outcome.event);
    } catch (error) {
      if (toParleyError(error).code !== 'invalid_request') throw error;
      return this.#refuse(letter, storeRefused(outcome.event));
    }
  }

  async #recordNow(
    letter: StoredLetter,
    event: IncomingEvent & ReceivedRecord,
  ): Promise<Pick<DeadLetter, 'reason' | 'detail'> | undefined> {
    if (event.erasure !== undefined) await this.#erasures.apply(event.erasure);
    const plan = await this.#store.write(async (transaction) => {
      const plan = await recordBatch(transaction, [event], this.#clock.now());
      if (plan.refused.length === 0) await transaction.letters.remove(letter.id);
      return plan;
    });
    for (const stored of plan.store) this.#events.stored(stored);
    return plan.refused.length === 0 ? undefined : this.#refuse(letter, secondEnd(event));
  }

  async #refuse(
    letter: StoredLetter,
    { reason, detail }: Pick<DeadLetter, 'reason' | 'detail'>,
  ): Promise<Pick<DeadLetter, 'reason' | 'detail'>> {
    const refusal = { reason, detail };
    await this.#store.write((transaction) => transaction.letters.refuse({ ...letter, ...refusal }));
    return refusal;
  }
}

const incomplete = {
  reason: 'attribute_invalid',
  detail: 'The letter was kept by an older version, without all attributes of its record.',
} as const;
