import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '@parley/kernel';
import { prepared, textOf } from '@parley/sqlite';
import type { SqliteConnection } from '@parley/sqlite';
import type { Member, MemberStore } from '../ports.ts';

const putMember = `
  INSERT INTO members (group_name, name, body, expires_at_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT (group_name, name) DO UPDATE SET body = excluded.body, expires_at_ms = excluded.expires_at_ms`;

const selectMembers = `
  SELECT name, body FROM members WHERE group_name = ? AND expires_at_ms > ? ORDER BY name`;

/** Members in the `members` table; those whose time is over go with the next word of another. */
export class SqliteMemberStore implements MemberStore {
  readonly #connection: SqliteConnection;
  readonly #clock: Clock;

  constructor(connection: SqliteConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  announce(group: string, { name, body }: Member, ttlMs: number): Promise<Member[]> {
    return this.#connection.write((db) => {
      const now = this.#clock.now();
      prepared(db, 'DELETE FROM members WHERE expires_at_ms <= ?').run(now);
      prepared(db, putMember).run(group, name, body, now + ttlMs);
      return living(db, group, now);
    });
  }

  list(group: string): Promise<Member[]> {
    return this.#connection.read((db) => living(db, group, this.#clock.now()));
  }

  leave(group: string, name: string): Promise<void> {
    return this.#connection.write((db) => {
      prepared(db, 'DELETE FROM members WHERE group_name = ? AND name = ?').run(group, name);
    });
  }
}

function living(db: DatabaseSync, group: string, now: number): Member[] {
  return prepared(db, selectMembers)
    .all(group, now)
    .map((row) => ({ name: textOf(row, 'name'), body: textOf(row, 'body') }));
}
