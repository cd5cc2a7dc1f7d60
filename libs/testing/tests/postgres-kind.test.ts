import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findOwnServer, postgresKind } from '../src/index.ts';
import { thisMachine } from '../src/servers/this-machine.ts';

const found = await findOwnServer(postgresKind);

async function ask(url: string, sql: string): Promise<string> {
  const psql = thisMachine.findProgram('psql') ?? 'psql';
  const { stdout } = await promisify(execFile)(psql, ['-X', '-A', '-t', '-q', url, '-c', sql]);
  return stdout.trim();
}

describe.skipIf(found.skip !== undefined)(found.title('PostgreSQL for tests'), () => {
  test('keeps what was committed when it is killed, whoever is at work in it', async () => {
    await using server = await found.start();
    await ask(server.address, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
    const busy = expect(ask(server.address, 'SELECT pg_sleep(60)')).rejects.toThrow();
    await server.kill();
    await expect(ask(server.address, 'SELECT 1')).rejects.toThrow('refused');
    await server.start();
    await busy;
    expect(await ask(server.address, 'SELECT n FROM kept')).toBe('7');
    expect(await ask(server.address, 'SHOW fsync')).toBe('on');
  });

  test('lets nobody in without its password', async () => {
    await using server = await found.start();
    const url = new URL(server.address);
    url.password = 'wrong';
    await expect(ask(url.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });
});
