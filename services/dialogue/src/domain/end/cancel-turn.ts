import { ParleyError } from '@parley/kernel';
import { cancelled } from './ending.ts';
import type { StoredTurns } from '../turn/stored-turns.ts';
import { noSuchTurn } from '../turn/stored-turns.ts';
import type { TakeOverTurn } from './take-over-turn.ts';
import type { TurnRegistry } from '../turn/turn-registry.ts';
import type { Turn } from '../turn/turn.ts';

/** Owners change at most this often while a cancel runs; more is a fault. */
const mostTries = 5;

/** Stops a turn, wherever it runs. */
export class CancelTurn {
  readonly #registry: TurnRegistry;
  readonly #turns: StoredTurns;
  readonly #takeOver: TakeOverTurn;

  constructor(registry: TurnRegistry, turns: StoredTurns, takeOver: TakeOverTurn) {
    this.#registry = registry;
    this.#turns = turns;
    this.#takeOver = takeOver;
  }

  /** The turn as it is after the stop; one that has ended is left as it is. @throws ParleyError `not_found`. */
  async cancel(id: string, tenant: string): Promise<Turn> {
    const local = this.#registry.get(id);
    if (local !== undefined) {
      if (local.document.subject.tenant !== tenant) throw noSuchTurn(id);
      local.stop('cancelled');
      const turn = await local.settled;
      if (turn !== undefined) return turn;
    }
    for (let tries = 0; tries < mostTries; tries++) {
      const known = await this.#turns.find(id, tenant);
      if (known.row.ended) return known.document.turn;
      const turn = await this.#takeOver.end(known, cancelled);
      if (turn !== undefined) return turn;
    }
    throw new ParleyError('unavailable', `Turn ${id} changes its owner all the time; try again.`);
  }
}
