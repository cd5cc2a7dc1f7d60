import { describe, expect, test } from 'vitest';
import type { SourceWorld } from './source-world.ts';
import { findOwnServer, findServer } from './find-server.ts';
import type { OwnServer, ServerKind } from './server-kind.ts';

/** A server that notes where it came from. */
function server(address: string): OwnServer<string> {
  const done = (): Promise<void> => Promise.resolve();
  return { address, kill: done, start: done, [Symbol.asyncDispose]: done };
}

const kind: ServerKind<string> = {
  name: 'Redis',
  variable: 'TEST_REDIS',
  program: 'redis-server',
  parse: (text) => `parsed ${text}`,
  startContainer: async () => server('container'),
  startProgram: async (path) => server(`program ${path}`),
};

function aWorld(variables: Record<string, string>, docker = false, program?: string): SourceWorld {
  return {
    variable: (name) => variables[name],
    hasContainers: async () => docker,
    findProgram: () => program,
  };
}

async function addressOf(world: SourceWorld): Promise<string> {
  const found = await findServer(kind, { world });
  expect(found).toMatchObject({ skip: undefined });
  expect(found.title('a store')).toBe('a store');
  await using started = await found.start();
  return started.address;
}

describe('finding a server', () => {
  test('starts it in the way that was chosen', async () => {
    expect(await addressOf(aWorld({ TEST_REDIS: 'x' }, true, '/bin/r'))).toBe('parsed x');
    expect(await addressOf(aWorld({}, true, '/bin/r'))).toBe('container');
    expect(await addressOf(aWorld({}, false, '/bin/r'))).toBe('program /bin/r');
  });

  test('gives a reason to skip where there is none', async () => {
    const found = await findServer(kind, { world: aWorld({}) });
    expect(found.skip).toContain('redis-server is not installed');
    expect(found.title('a store')).toBe(`a store (skipped: ${found.skip})`);
  });

  test('lets the tests run in CI where there is none, so that they fail with the reason', async () => {
    const found = await findServer(kind, { world: aWorld({ CI: 'true' }) });
    expect(found.skip).toBeUndefined();
    await expect(found.start()).rejects.toThrow('no Redis: TEST_REDIS is not set');
  });

  test('gives a process of its own to tests that let it die, whatever else there is', async () => {
    const world = aWorld({ TEST_REDIS: 'x' }, true, '/bin/r');
    await using own = await (await findOwnServer(kind, { world })).start();
    expect(own.address).toBe('program /bin/r');
    const missing = await findOwnServer(kind, { world: aWorld({ TEST_REDIS: 'x', CI: 'true' }, true) });
    await expect(missing.start()).rejects.toThrow('redis-server is not installed');
  });
});
