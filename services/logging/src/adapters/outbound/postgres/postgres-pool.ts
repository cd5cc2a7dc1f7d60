import { DatabaseError, Pool, types } from 'pg';
import type { CustomTypesConfig, PoolClient, PoolConfig } from 'pg';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { PostgresTarget } from '@parley/config';

/** Connections of one process: one writes, the others read. */
const maxConnections = 8;

/** Limits of what a connection may wait for, in milliseconds. */
export interface PostgresLimits {
  /** For a connection, free or new; default 5000. */
  readonly connectMs?: number;
  /** For one statement, by the server; default 10000: reads are short, and a write takes a few hundred rows. */
  readonly statementMs?: number;
  /** For other writers, by the server; default 5000. */
  readonly lockMs?: number;
}

/** What every connection to the target is made with. */
export function connectionConfig(target: PostgresTarget, limits: PostgresLimits = {}): PoolConfig {
  const { host, port, database, user, password, tls } = target;
  const statementMs = limits.statementMs ?? 10_000;
  return {
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    ssl: tls === undefined ? false : { ...tls, rejectUnauthorized: true },
    application_name: 'parley-logging',
    keepAlive: true,
    connectionTimeoutMillis: limits.connectMs ?? 5_000,
    statement_timeout: statementMs,
    lock_timeout: limits.lockMs ?? 5_000,
    // A process that has stopped in the middle of a write must not hold up the others.
    idle_in_transaction_session_timeout: statementMs,
    // The server's own limit comes first, unless it is gone without a word.
    query_timeout: statementMs + 2_000,
    types: typeParsers,
  };
}

/** A bounded pool that outlives its server: what breaks is thrown away, and the next query connects anew. */
export function connectPostgres(target: PostgresTarget, limits?: PostgresLimits): PostgresPool {
  const pool = new Pool({
    ...connectionConfig(target, limits),
    max: maxConnections,
    idleTimeoutMillis: 30_000,
  });
  // A connection that breaks tells whoever uses it; without a listener it would end the process too.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    options: pool.options,
    connect: async () => watched(await pool.connect()),
    end: () => pool.end(),
  };
}

/** Throws the connection away when a query failed for another reason than the server's: its answer may still come. */
function watched(client: PoolClient): PostgresPoolClient {
  let isSound = true;
  const query = async (text: string, parameters: readonly unknown[]): Promise<unknown> => {
    try {
      return await client.query(text, [...parameters]);
    } catch (error) {
      if (!(error instanceof DatabaseError)) isSound = false;
      throw error;
    }
  };
  return {
    // Kysely asks with cursors only where it is given some.
    query: query as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || !isSound),
  };
}

/** Whole numbers of 64 bits come as text; all of the record's are safe integers. */
const typeParsers: CustomTypesConfig = {
  getTypeParser: (...asked: Parameters<typeof types.getTypeParser>) =>
    asked[0] === types.builtins.INT8 ? Number : types.getTypeParser(...asked),
};
