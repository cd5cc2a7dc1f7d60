import { askRedis } from './ask-redis.ts';
import { startOwnServer, untilReady } from './own-server.ts';
import type { Place } from './own-server.ts';
import { runProgram } from './run-program.ts';
import type { OwnServer } from './server-kind.ts';

/** As durable as the state store asks for: every step is on disk before its answer. */
export const durableSettings: readonly string[] = Object.entries({
  appendonly: 'yes',
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
  save: '',
  'maxmemory-policy': 'noeviction',
}).flatMap(([name, value]) => [`--${name}`, value]);

/** The arguments of a durable server at its place. */
export function durableAt({ port, folder }: Place): string[] {
  return ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, ...durableSettings];
}

/** A `redis-server` process on a loopback port with a data folder of its own. */
export async function startRedisProcess(
  program: string,
  argumentsAt: (place: Place) => readonly string[] = durableAt,
): Promise<OwnServer<Place>> {
  return startOwnServer(async (place) => {
    const args = argumentsAt(place);
    const check = async (): Promise<void> => void (await askRedis(place.port, 'PING'));
    return async () =>
      untilReady(await runProgram(program, args, place.folder), check, {
        name: 'redis-server',
        timeoutMs: 20_000,
        everyMs: 20,
      });
  });
}
