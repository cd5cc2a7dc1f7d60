import type { RecordStore } from '../ports/record-store.ts';
import { erasedEvent, erasedLetter } from './erased-text.ts';
import type { Erasure } from './recorded-event.ts';

/** Small enough that other writers get their turn between two steps. */
const stepRows = 200;

/** Takes the texts of erased users out of the record. */
export class Erasures {
  readonly #store: RecordStore;

  constructor(store: RecordStore) {
    this.#store = store;
  }

  /**
   * Resolves when no text of the user from before the erasure is left in the record. It is remembered first, so that
   * what is written meanwhile or later comes without text; harmless when repeated.
   */
  async apply({ user, erasedAtMs }: Erasure): Promise<void> {
    await this.#store.write((transaction) => transaction.erasures.remember({ user, erasedAtMs }));
    const { texts } = this.#store;
    const bounds = { user, limit: stepRows };
    await untilDone((after) => texts.events({ ...bounds, after }, (event) => erasedEvent(event, erasedAtMs)));
    await untilDone((after) =>
      texts.letters({ ...bounds, after }, (letter) => erasedLetter(letter, erasedAtMs)),
    );
  }
}

async function untilDone(step: (after: number) => Promise<number | undefined>): Promise<void> {
  let after: number | undefined = 0;
  while (after !== undefined) after = await step(after);
}
