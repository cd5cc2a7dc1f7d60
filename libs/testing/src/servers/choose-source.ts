import type { ServerKind, ServerSource } from './server-kind.ts';
import type { SourceWorld } from './source-world.ts';

/** Where to get a server from, or why there is none. */
export type SourceChoice =
  | { readonly source: 'environment'; readonly address: string }
  | { readonly source: 'container' }
  | { readonly source: 'program'; readonly path: string }
  | { readonly source: 'none'; readonly reason: string };

/** All sources, the best first. */
export const allSources: readonly ServerSource[] = ['environment', 'container', 'program'];

/** What the choice needs to know of a kind of server. */
export type ChoosableKind = Pick<
  ServerKind<unknown>,
  'name' | 'variable' | 'program' | 'find' | 'startContainer'
>;

/** The first source of those allowed that there is: an address given, Docker, a program of this machine. */
export async function chooseSource(
  kind: ChoosableKind,
  world: SourceWorld,
  allowed: readonly ServerSource[] = allSources,
): Promise<SourceChoice> {
  const possible = allowed.filter((source) => source !== 'container' || kind.startContainer !== undefined);
  for (const source of possible) {
    const choice = await sourceIn(world, kind, source);
    if (choice !== undefined) return choice;
  }
  const texts = {
    environment: `${kind.variable} is not set`,
    container: 'Docker does not answer',
    program: `${kind.program} is not installed (npm run provision does that)`,
  };
  const reason = `no ${kind.name}: ${possible.map((source) => texts[source]).join(', ')}`;
  return { source: 'none', reason };
}

async function sourceIn(
  world: SourceWorld,
  kind: ChoosableKind,
  source: ServerSource,
): Promise<SourceChoice | undefined> {
  switch (source) {
    case 'environment': {
      const address = world.variable(kind.variable) ?? '';
      return address === '' ? undefined : { source, address };
    }
    case 'container':
      return (await world.hasContainers()) ? { source } : undefined;
    case 'program': {
      const path = kind.find === undefined ? world.findProgram(kind.program) : kind.find(world);
      return path === undefined ? undefined : { source, path };
    }
  }
}
