import { toParleyError } from '@parley/kernel';
import type { RecordStore } from '../ports/record-store.ts';
import type { Health } from './health.ts';

/** Knows whether the store can be written, from the last probe. */
export class StoreWatch {
  readonly #store: RecordStore;
  #health: Health = { ok: false, reason: 'The record store has not been tried yet.' };

  constructor(store: RecordStore) {
    this.#store = store;
  }

  async check(): Promise<void> {
    try {
      await this.#store.probe();
      this.#health = { ok: true };
    } catch (error) {
      this.#health = { ok: false, reason: toParleyError(error).message };
    }
  }

  health(): Health {
    return this.#health;
  }
}
