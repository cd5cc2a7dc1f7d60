import { Client } from 'pg';
import type { PostgresTarget } from '@parley/config';
import { ParleyError } from '@parley/kernel';
import { migrationSql, recordMigrations } from '../sql/record-migrations.ts';
import { migrationLock } from './advisory-locks.ts';
import { connectionConfig } from './postgres-pool.ts';

/** A change of layout may rewrite a large table; instances that start meanwhile wait for it. */
const migrationLimits = { statementMs: 600_000, lockMs: 600_000 };
/** Attaching partitions without stopping readers came with version 12; 13 is the oldest that its makers still knew. */
const oldestVersion = 130_000;
const component = 'record';

/** What the server is, as far as the record depends on it. */
export interface ServerFacts {
  /** Why what the server acknowledges may be lost when it crashes; empty when it may not. */
  readonly durabilityFaults: readonly string[];
}

/**
 * Brings the layout of the record to this program's, in one transaction; several instances can do it at once. A layout
 * one version newer is accepted, so that a rolling update works.
 * @throws ParleyError `config_invalid` for a server or a layout that this program cannot use.
 */
export async function migratePostgres(target: PostgresTarget): Promise<ServerFacts> {
  const client = new Client(connectionConfig(target, migrationLimits));
  client.on('error', () => undefined);
  await client.connect();
  try {
    const facts = await checkServer(client);
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [migrationLock]);
    await migrate(client);
    await client.query('commit');
    return facts;
  } finally {
    await client.end();
  }
}

async function checkServer(client: Client): Promise<ServerFacts> {
  const setting = async (name: string): Promise<string> => {
    const { rows } = await client.query<{ value: string }>('select current_setting($1) as value', [name]);
    return rows[0]?.value ?? '';
  };
  const version = await setting('server_version_num');
  if (Number(version) < oldestVersion) {
    const message = `PostgreSQL ${await setting('server_version')} is too old for the record; it needs 13 or later.`;
    throw new ParleyError('config_invalid', message);
  }
  const encoding = await setting('server_encoding');
  if (encoding !== 'UTF8') {
    const message = `The database has the encoding ${encoding}; the record needs one with UTF8.`;
    throw new ParleyError('config_invalid', message);
  }
  const off: string[] = [];
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes'])
    if ((await setting(name)) === 'off') off.push(`${name} is off`);
  return { durabilityFaults: off };
}

async function migrate(client: Client): Promise<void> {
  await client.query(
    'create table if not exists layout_versions (component text primary key, version bigint not null)',
  );
  const { rows } = await client.query<{ version: number }>(
    'select version from layout_versions where component = $1',
    [component],
  );
  const found = rows[0]?.version ?? 0;
  const newest = recordMigrations.at(-1)?.version ?? 0;
  if (found > newest + 1) {
    const message = `The database has layout ${found} of the record; this program knows ${newest}. Run a newer program on it.`;
    throw new ParleyError('config_invalid', message, { details: { found, newest } });
  }
  if (found >= newest) return;
  for (const step of recordMigrations)
    if (step.version > found) await client.query(migrationSql(step, 'postgres'));
  await client.query(
    `insert into layout_versions (component, version) values ($1, $2)
      on conflict (component) do update set version = excluded.version`,
    [component, newest],
  );
}
