import { setImmediate } from 'node:timers/promises';
import { Kysely } from 'kysely';
import type { Transaction } from 'kysely';
import { ParleyError } from '@parley/kernel';
import type { RecordBackend } from './record-backend.ts';
import type { RecordTables } from './record-tables.ts';

/** The tables of the record in one database, with its failures as errors of ours. */
export class SqlDatabase implements AsyncDisposable {
  readonly backend: RecordBackend;
  readonly #sql: Kysely<RecordTables>;

  constructor(backend: RecordBackend) {
    this.backend = backend;
    this.#sql = new Kysely({ dialect: backend.dialect });
  }

  /** Reads, each query for itself. */
  read<T>(work: (sql: Kysely<RecordTables>) => Promise<T>): Promise<T> {
    return this.#guarded(async () => {
      // An embedded database works on this thread: whatever else waits for the event loop goes first.
      await setImmediate();
      return work(this.#sql);
    });
  }

  /** Writes all or nothing, after every write that began before. */
  write<T>(work: (sql: Transaction<RecordTables>) => Promise<T>): Promise<T> {
    return this.transaction(async (sql) => {
      await this.backend.beginWrite(sql);
      return work(sql);
    });
  }

  /** Writes all or nothing, beside other writes. */
  transaction<T>(work: (sql: Transaction<RecordTables>) => Promise<T>): Promise<T> {
    // Whoever has waited for another write must see what that has written.
    const begin = this.#sql.transaction().setIsolationLevel('read committed');
    return this.#guarded(() => begin.execute(work));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sql.destroy();
    this.backend.close();
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof ParleyError ? error : this.backend.errorOf(error);
    }
  }
}
