import { describe, expect, test } from 'vitest';
import { chooseSource } from './choose-source.ts';
import type { SourceWorld } from './source-world.ts';

const kind = {
  name: 'Redis',
  variable: 'TEST_REDIS',
  program: 'redis-server',
  startContainer: () => Promise.reject(new Error('a choice starts nothing')),
};

interface WorldFacts {
  readonly variables?: Record<string, string>;
  readonly docker?: boolean;
  readonly programs?: Record<string, string>;
}

function aWorld({
  variables = {},
  docker = false,
  programs = {},
}: WorldFacts): SourceWorld & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    variable: (name) => variables[name],
    hasContainers: async () => {
      asked.push('docker');
      return docker;
    },
    findProgram: (name) => programs[name],
  };
}

const everything = {
  variables: { TEST_REDIS: 'redis://there' },
  docker: true,
  programs: { 'redis-server': '/usr/bin/redis-server' },
};

describe('a real server for tests', () => {
  test('is the one whose address the environment gives, and Docker is not asked', async () => {
    const world = aWorld(everything);
    expect(await chooseSource(kind, world)).toEqual({ source: 'environment', address: 'redis://there' });
    expect(world.asked).toEqual([]);
  });

  test('is a container where no address is given and Docker answers', async () => {
    const world = aWorld({ ...everything, variables: { TEST_REDIS: '' } });
    expect(await chooseSource(kind, world)).toEqual({ source: 'container' });
  });

  test('is a program of this machine where there is no Docker', async () => {
    const program = { source: 'program', path: '/usr/bin/redis-server' };
    const world = aWorld({ programs: everything.programs });
    expect(await chooseSource(kind, world)).toEqual(program);
    const { startContainer: _, ...withoutContainer } = kind;
    const unused = aWorld({ ...everything, variables: {} });
    expect(await chooseSource(withoutContainer, unused), 'a kind without container').toEqual(program);
    expect(unused.asked).toEqual([]);
  });

  test('is missing for a reason that names every way to it', async () => {
    const choice = await chooseSource(kind, aWorld({}));
    expect(choice).toEqual({
      source: 'none',
      reason:
        'no Redis: TEST_REDIS is not set, Docker does not answer, redis-server is not installed (npm run provision does that)',
    });
  });

  test('is never one of another source than those that will do', async () => {
    const own = await chooseSource(kind, aWorld(everything), ['container', 'program']);
    expect(own).toEqual({ source: 'container' });
    const none = await chooseSource(kind, aWorld({ ...everything, programs: {} }), ['program']);
    expect(none).toMatchObject({ source: 'none', reason: expect.not.stringContaining('TEST_REDIS') });
  });
});
