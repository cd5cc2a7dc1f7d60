import type { Clock } from '@parley/kernel';
import { integerOf, prepared, textOf } from '@parley/sqlite';
import type { Row, SqliteConnection } from '@parley/sqlite';
import type { Claim, Fence, IdempotencyStore, NewClaim } from '../ports.ts';
import type { Fences } from './fences.ts';

/** Claims whose time is over go with new ones, some at a time, so that no claim has to wait for many. */
const expireClaims = `
  DELETE FROM idempotency WHERE name IN (
    SELECT name FROM idempotency WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT 100)`;

/** One whose time is over may still be there. */
const putClaim = `
  INSERT OR REPLACE INTO idempotency (name, fingerprint, subject, fence, held_until_ms, settled, expires_at_ms)
  VALUES (?, ?, ?, ?, ?, 0, ?)`;

/** Claims in the `idempotency` table. */
export class SqliteIdempotencyStore implements IdempotencyStore {
  readonly #connection: SqliteConnection;
  readonly #fences: Fences;
  readonly #clock: Clock;

  constructor(connection: SqliteConnection, fences: Fences, clock: Clock) {
    this.#connection = connection;
    this.#fences = fences;
    this.#clock = clock;
  }

  claim(name: string, claim: NewClaim): Promise<Claim & { readonly mine: boolean }> {
    return this.#connection.write((db) => {
      const now = this.#clock.now();
      const select = 'SELECT * FROM idempotency WHERE name = ? AND expires_at_ms > ?';
      const row = prepared(db, select).get(name, now);
      if (row !== undefined) return { ...this.#claimOf(row, now), mine: false };
      prepared(db, expireClaims).run(now);
      const { fingerprint, subject, holdMs, keepMs } = claim;
      const fence = this.#fences.next(db);
      prepared(db, putClaim).run(name, fingerprint, subject, fence.counter, now + holdMs, now + keepMs);
      return { fingerprint, subject, fence, held: true, settled: false, mine: true };
    });
  }

  takeOver(name: string, fence: Fence, holdMs: number): Promise<Fence | undefined> {
    return this.#connection.write((db) => {
      const now = this.#clock.now();
      const select = `SELECT fence FROM idempotency
        WHERE name = ?1 AND settled = 0 AND held_until_ms <= ?2 AND expires_at_ms > ?2`;
      const row = prepared(db, select).get(name, now);
      if (row === undefined || !this.#fences.matches(fence, integerOf(row, 'fence'))) return undefined;
      const next = this.#fences.next(db);
      const update = 'UPDATE idempotency SET fence = ?, held_until_ms = ? WHERE name = ?';
      prepared(db, update).run(next.counter, now + holdMs, name);
      return next;
    });
  }

  settle(name: string, fence: Fence, subject: string, keepMs: number): Promise<void> {
    const update = `UPDATE idempotency SET settled = 1, held_until_ms = 0, subject = ?, expires_at_ms = ?
      WHERE name = ? AND fence = ?`;
    return this.#changeOwn(fence, (counter) => [update, subject, this.#clock.now() + keepMs, name, counter]);
  }

  release(name: string, fence: Fence): Promise<void> {
    const update = 'UPDATE idempotency SET held_until_ms = 0 WHERE name = ? AND fence = ? AND settled = 0';
    return this.#changeOwn(fence, (counter) => [update, name, counter]);
  }

  forget(name: string, fence: Fence): Promise<void> {
    const remove = 'DELETE FROM idempotency WHERE name = ? AND fence = ?';
    return this.#changeOwn(fence, (counter) => [remove, name, counter]);
  }

  #claimOf(row: Row, now: number): Claim {
    return {
      fingerprint: textOf(row, 'fingerprint'),
      subject: textOf(row, 'subject'),
      fence: this.#fences.at(integerOf(row, 'fence')),
      held: integerOf(row, 'held_until_ms') > now,
      settled: integerOf(row, 'settled') === 1,
    };
  }

  /** Runs a statement that names the fence's counter, unless the fence is of another store. */
  #changeOwn(
    fence: Fence,
    statement: (counter: number) => readonly [sql: string, ...values: (string | number)[]],
  ): Promise<void> {
    return this.#connection.write((db) => {
      const [sql, ...values] = statement(fence.counter);
      if (this.#fences.matches(fence, fence.counter)) prepared(db, sql).run(...values);
    });
  }
}
