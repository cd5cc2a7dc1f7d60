import { ParleyError } from '@parley/kernel';
import type { StoredTurn, TurnStore } from '@parley/state/ports';
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

  constructor(turns: TurnStore) {
    this.#turns = turns;
  }

  /** Any turn of the tenant. @throws ParleyError `not_found`. */
  async find(id: string, tenant: string, param?: string): Promise<KnownTurn> {
    const row = await this.#turns.get(id);
    if (row === undefined || row.tenant !== tenant) throw noSuchTurn(id, param);
    return { row, document: decodeDocument(row) };
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
