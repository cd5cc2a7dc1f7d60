import type { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/kernel';
import { integerOf, prepared, textOf } from '@parley/sqlite';
import type { Fence } from '../ports.ts';

/**
 * The fences of one store. All of them, of turns and of leases, take their counter from one row: so a number never
 * comes twice, not even after the turn or lease it belonged to has been removed and made again.
 */
export class Fences {
  readonly #epoch: string;

  private constructor(epoch: string) {
    this.#epoch = epoch;
  }

  /** Those of the store in `db`. */
  static of(db: DatabaseSync): Fences {
    const row = db.prepare('SELECT epoch FROM state_fence').get();
    if (row === undefined) throw new ParleyError('internal', 'The state store has no epoch.');
    return new Fences(textOf(row, 'epoch'));
  }

  /** A fence nobody has had; only inside a transaction. */
  next(db: DatabaseSync): Fence {
    const row = prepared(db, 'UPDATE state_fence SET counter = counter + 1 RETURNING counter').get();
    if (row === undefined) throw new ParleyError('internal', 'The state store has no fence counter.');
    return this.at(integerOf(row, 'counter'));
  }

  /** The fence with that counter. */
  at(counter: number): Fence {
    return { epoch: this.#epoch, counter };
  }

  /** Whether `fence` is the one with that counter in this store. */
  matches(fence: Fence, counter: number): boolean {
    return fence.epoch === this.#epoch && fence.counter === counter;
  }
}
