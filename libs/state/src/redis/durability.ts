import type { Redis } from 'ioredis';
import { ParleyError } from '@parley/kernel';
import type { RedisClient } from './redis-client.ts';
import { isRefused, stateError } from './redis-errors.ts';
import { pairsOf, textOf } from './reply.ts';

/** Whether an acknowledged step survives the death of the server. */
export interface Durability {
  readonly confirmed: boolean;
  /** What is missing or could not be seen; empty when confirmed. For readiness detail and logs. */
  readonly reasons: readonly string[];
}

/** What one server says about itself. */
export interface ServerFacts {
  readonly version: string;
  /** Its settings by name; undefined when it does not tell them. */
  readonly settings: ReadonlyMap<string, string> | undefined;
}

/** How durable steps are, and whether each has to wait for the disk to be so. */
export interface DurabilityPlan extends Durability {
  readonly waitForDisk: boolean;
}

const wanted = ['appendonly', 'appendfsync', 'maxmemory-policy', 'no-appendfsync-on-rewrite'] as const;

/** Whether `version` is at least `major.minor`. */
function isAtLeast(version: string, major: number, minor: number): boolean {
  const [found = 0, foundMinor = 0] = version.split('.').map(Number);
  return found > major || (found === major && foundMinor >= minor);
}

/**
 * Decides from what the servers say. Steps are durable when each is on disk before its answer: `appendfsync always`, or
 * on a single server of 7.2 or later `WAITAOF` after each step (untested: Debian's Redis is 7.0).
 * @throws ParleyError `config_invalid` when a server is older than 7.0, which has no functions.
 */
export function planDurability(servers: readonly ServerFacts[]): DurabilityPlan {
  const old = servers.find(({ version }) => !isAtLeast(version, 7, 0));
  if (old !== undefined) {
    const message = `The state store needs Redis 7.0 or later; the server has version ${old.version}.`;
    throw new ParleyError('config_invalid', message);
  }
  const waitForDisk = servers.length === 1 && servers.some(canWaitForDisk);
  const reasons = [...new Set(servers.flatMap((server) => shortcomings(server, waitForDisk)))];
  return { confirmed: reasons.length === 0, reasons, waitForDisk };
}

function canWaitForDisk({ version, settings }: ServerFacts): boolean {
  const always =
    settings?.get('appendfsync') === 'always' && settings.get('no-appendfsync-on-rewrite') === 'no';
  return !always && settings?.get('appendonly') === 'yes' && isAtLeast(version, 7, 2);
}

function shortcomings({ settings }: ServerFacts, waitForDisk: boolean): string[] {
  if (settings === undefined) return ['the server does not tell its settings (CONFIG GET is refused)'];
  const needed: [name: string, value: string][] = [
    ['appendonly', 'yes'],
    ['maxmemory-policy', 'noeviction'],
    ...(waitForDisk
      ? []
      : ([
          ['appendfsync', 'always'],
          ['no-appendfsync-on-rewrite', 'no'],
        ] as [string, string][])),
  ];
  return needed.flatMap(([name, value]) => {
    const found = settings.get(name);
    return found === value ? [] : [`${name} is ${found ?? 'not known'}, not ${value}`];
  });
}

/** Asks every primary for its facts. */
export function askServers(client: RedisClient): Promise<ServerFacts[]> {
  return client.onPrimaries(async (node) => ({
    version: versionOf(textOf(await node.call('INFO', ['server']))),
    settings: await settingsOf(node),
  }));
}

function versionOf(info: string): string {
  return /^redis_version:(\S+)/m.exec(info)?.[1] ?? '0';
}

/** Hosted servers often refuse `CONFIG`, which says nothing against them, only nothing for them. */
async function settingsOf(node: Redis): Promise<Map<string, string> | undefined> {
  try {
    const reply = await node.call('CONFIG', ['GET', ...wanted]);
    return new Map(pairsOf(reply).map(([name, value]) => [textOf(name), textOf(value)]));
  } catch (error) {
    if (isRefused(error) || /unknown (sub)?command/i.test(stateError(error).cause?.toString() ?? ''))
      return undefined;
    throw error;
  }
}
