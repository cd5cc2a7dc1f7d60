import { allSources, chooseSource } from './choose-source.ts';
import type { SourceChoice } from './choose-source.ts';
import type { OwnServer, ServerKind, ServerSource, TestServer } from './server-kind.ts';
import type { SourceWorld } from './source-world.ts';
import { thisMachine } from './this-machine.ts';

/** What was found out about a server before the tests are defined. */
export interface FoundServer<Server> {
  /** Why tests that need it cannot run here; undefined when they can. In CI they must run, and fail where it is missing. */
  readonly skip: string | undefined;
  /** `text`, with the reason where the tests are skipped: the name of a suite. */
  title(text: string): string;
  /** @throws Error that says what is missing. */
  start(): Promise<Server>;
}

/** How to look. */
export interface FindOptions {
  /** Which sources will do; default all. A test that flushes a server leaves out `environment`. */
  readonly sources?: readonly ServerSource[];
  readonly world?: SourceWorld;
}

/**
 * Finds a real server of a kind: an address in the environment, else Docker, else a program of this machine.
 * @example
 * const redis = await findServer(redisKind);
 * describe.skipIf(redis.skip !== undefined)(redis.title('a store on Redis'), () => …);
 */
export async function findServer<Address>(
  kind: ServerKind<Address>,
  options: FindOptions = {},
): Promise<FoundServer<TestServer<Address>>> {
  const world = options.world ?? thisMachine;
  const choice = await chooseSource(kind, world, options.sources ?? allSources);
  return found(choice, world, () => startAt(kind, choice));
}

/** Finds a program of this machine, for tests that let a server die. */
export async function findOwnServer<Address>(
  kind: ServerKind<Address>,
  options: Pick<FindOptions, 'world'> = {},
): Promise<FoundServer<OwnServer<Address>>> {
  const world = options.world ?? thisMachine;
  const choice = await chooseSource(kind, world, ['program']);
  return found(choice, world, async () => {
    if (choice.source !== 'program') throw new Error(reasonOf(choice));
    return kind.startProgram(choice.path);
  });
}

function found<Server>(
  choice: SourceChoice,
  world: SourceWorld,
  start: () => Promise<Server>,
): FoundServer<Server> {
  const maySkip = choice.source === 'none' && world.variable('CI') !== 'true';
  const skip = maySkip ? reasonOf(choice) : undefined;
  return { skip, start, title: (text) => (skip === undefined ? text : `${text} (skipped: ${skip})`) };
}

async function startAt<Address>(
  kind: ServerKind<Address>,
  choice: SourceChoice,
): Promise<TestServer<Address>> {
  switch (choice.source) {
    case 'environment':
      return { address: kind.parse(choice.address), [Symbol.asyncDispose]: () => Promise.resolve() };
    case 'container':
      if (kind.startContainer === undefined) throw new Error(`${kind.name} cannot be had by Docker`);
      return kind.startContainer();
    case 'program':
      return kind.startProgram(choice.path);
    case 'none':
      throw new Error(reasonOf(choice));
  }
}

function reasonOf(choice: SourceChoice): string {
  return choice.source === 'none' ? choice.reason : `a ${choice.source} cannot be used here`;
}
