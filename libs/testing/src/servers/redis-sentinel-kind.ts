import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { askRedis } from './ask-redis.ts';
import type { NodeAddress } from './redis-cluster-kind.ts';
import type { Place } from './own-server.ts';
import { durableAt, startRedisProcess } from './redis-process.ts';
import type { OwnServer, ServerKind } from './server-kind.ts';

/** Sentinels and the name by which they know the primary. */
export interface SentinelAddress {
  readonly sentinels: readonly NodeAddress[];
  readonly primary: string;
}

const primary = 'parley-test';

/** A primary, a replica, and a Sentinel that makes the replica primary 1 s after the primary has died. */
export const redisSentinelKind: ServerKind<SentinelAddress> = {
  name: 'Redis Sentinel',
  variable: 'PARLEY_TEST_REDIS_SENTINEL',
  program: 'redis-server',
  parse: (text) => {
    const { username, hostname, port } = new URL(`redis://${text}`);
    return { sentinels: [{ host: hostname, port: Number(port || 26_379) }], primary: username };
  },
  startProgram,
};

/** `kill` ends the first primary only. */
async function startProgram(path: string): Promise<OwnServer<SentinelAddress>> {
  const all: OwnServer<Place>[] = [];
  const dispose = async (): Promise<void> => {
    for (const server of all) await server[Symbol.asyncDispose]();
  };
  try {
    const first = await startRedisProcess(path);
    all.push(first);
    const { port } = first.address;
    const replicaAt = (place: Place): string[] => [...durableAt(place), '--replicaof', `127.0.0.1 ${port}`];
    all.push(await startRedisProcess(path, replicaAt));
    // A Sentinel that starts earlier learns of the replica 10 s later.
    await eventually(async () => requireText(await askRedis(port, 'INFO replication'), 'state=online'), {
      timeoutMs: 20_000,
    });
    const sentinel = await startRedisProcess(path, (place) => sentinelAt(place, port));
    all.push(sentinel);
    await eventually(async () =>
      requireText(await askRedis(sentinel.address.port, 'INFO sentinel'), 'slaves=1'),
    );
    return {
      address: { sentinels: [{ host: '127.0.0.1', port: sentinel.address.port }], primary },
      kill: () => first.kill(),
      start: () => first.start(),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Sentinels keep what they know in their configuration file. */
function sentinelAt({ port, folder }: Place, primaryPort: number): string[] {
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${primary} 127.0.0.1 ${primaryPort} 1`,
    `sentinel down-after-milliseconds ${primary} 1000`,
    `sentinel failover-timeout ${primary} 5000`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return [file, '--sentinel'];
}

function requireText(answer: string, text: string): void {
  if (!answer.includes(text)) throw new Error(`"${text}" is not in: ${answer}`);
}
