import { ParleyError } from '@parley/kernel';
import type { StoredTurn, TurnStore } from '@parley/state/ports';
import type { RecordedTurns } from './recorded-turns.ts';
import { decodeDocument } from './turn-document.ts';
import type { TurnDocument } from './turn-document.ts';

/** A turn as the store has it, with its document read. */
export interface KnownTurn {
  readonly row: StoredTurn;
  readonly document: TurnDocument;
}

/** Turns as one tenant may see them: another's turn is not there. */
export class StoredTurns {
  readonly #turns: TurnStore;
  readonly #recorded: RecordedTurns | undefined;

  /** @param recorded asked for turns that the store does not have; undefined where a store loses none. */
  constructor(turns: TurnStore, recorded?: RecordedTurns) {
    this.#turns = turns;
    this.#recorded = recorded;
  }

  /** Any turn of the tenant. @throws ParleyError `not_found`; `unavailable` when store or record do not answer. */
  async find(id: string, tenant: string, param?: string): Promise<KnownTurn> {
    const row = (await this.#turns.get(id)) ?? (await this.#restored(id, tenant));
    if (row === undefined || row.tenant !== tenant) throw noSuchTurn(id, param);
    return { row, document: decodeDocument(row) };
  }

  async #restored(id: string, tenant: string): Promise<StoredTurn | undefined> {
    const isBack = (await this.#recorded?.restore(id, tenant)) ?? false;
    return isBack ? this.#turns.get(id) : undefined;
  }

  /** A turn that the API can give back. @throws ParleyError `not_found`. */
  async findStored(id: string, tenant: string, param?: string): Promise<KnownTurn> {
    const known = await this.find(id, tenant, param);
    if (!known.row.stored) throw noSuchTurn(id, param);
    return known;
  }
}

/** The one answer for a turn that is not there, was not stored or belongs to somebody else. */
export function noSuchTurn(id: string, param?: string): ParleyError {
  const message = `There is no stored response '${id.slice(0, 100)}'; it may have been deleted or have expired.`;
  return new ParleyError('not_found', message, param === undefined ? {} : { param });
}
