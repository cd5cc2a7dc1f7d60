import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { ClientConfig } from 'pg';
import { loadConfig, postgresSection, postgresTargetOf } from '@parley/config';
import type { PostgresTarget } from '@parley/config';

/** A target as a URL names it. */
export function targetOf(url: string): PostgresTarget {
  const target = postgresTargetOf(loadConfig(postgresSection, { PARLEY_POSTGRES_URL: url }));
  if (target === undefined) throw new Error('there is no URL');
  return target;
}

/** As `pg` takes it. */
function plain({ host, port, database, user, password = '' }: PostgresTarget): ClientConfig {
  return { host, port, database, user, password };
}

/** Runs one statement outside the record. */
export async function query<Row extends object>(
  target: PostgresTarget,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new Client(plain(target));
  await client.connect();
  try {
    return (await client.query<Row>(text, [...parameters])).rows;
  } finally {
    await client.end();
  }
}

/** Reads a table in a transaction, as a backup does, until it is disposed of. */
export async function startReading(target: PostgresTarget, table: string): Promise<AsyncDisposable> {
  const client = new Client(target);
  await client.connect();
  await client.query(`begin; lock table ${table} in access share mode`);
  return { [Symbol.asyncDispose]: () => client.end() };
}

/** Databases of a server that nobody else uses; disposing drops them. */
export class TestDatabases implements AsyncDisposable {
  readonly #server: PostgresTarget;
  readonly #made: string[] = [];

  constructor(url: string) {
    this.#server = targetOf(url);
  }

  /** An empty database. */
  async make(): Promise<PostgresTarget> {
    const database = `parley_test_${randomUUID().replaceAll('-', '')}`;
    await query(this.#server, `create database ${database}`);
    this.#made.push(database);
    return { ...this.#server, database };
  }

  /** The URL of a target of this server. */
  urlOf({ host, port, database, user, password = '' }: PostgresTarget): string {
    return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const database of this.#made)
      await query(this.#server, `drop database if exists ${database} with (force)`);
  }
}
