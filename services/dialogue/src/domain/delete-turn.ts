import { ParleyError } from '@parley/kernel';
import type { TurnStore } from '@parley/state/ports';
import { noSuchTurn } from './stored-turns.ts';
import type { StoredTurns } from './stored-turns.ts';

/** Removes a turn from what the API gives back. */
export class DeleteTurn {
  readonly #store: TurnStore;
  readonly #turns: StoredTurns;

  constructor(store: TurnStore, turns: StoredTurns) {
    this.#store = store;
    this.#turns = turns;
  }

  /** @throws ParleyError `not_found`; `conflict` while the turn runs. */
  async delete(id: string, tenant: string): Promise<void> {
    const { row } = await this.#turns.findStored(id, tenant);
    if (!row.ended) throw new ParleyError('conflict', `Response '${id}' still runs; cancel it first.`);
    // Gone between the two steps: somebody else deleted it.
    if (!(await this.#store.delete(id))) throw noSuchTurn(id);
  }
}
