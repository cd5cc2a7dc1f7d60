import { eventually } from '../eventually.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { askRedis } from './ask-redis.ts';
import { freePorts } from './free-ports.ts';
import { runProgram } from './run-program.ts';
import type { RunningProgram } from './run-program.ts';
import type { OwnServer } from './server-kind.ts';

/** Where one process lives. */
export interface RedisPlace {
  readonly port: number;
  /** Another free port, for what needs one: the bus of a cluster, TLS. */
  readonly spare: number;
  /** Its data folder. */
  readonly folder: string;
}

/** As durable as the state store asks for: every step is on disk before its answer. */
export const durableSettings: readonly string[] = Object.entries({
  appendonly: 'yes',
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
  save: '',
  'maxmemory-policy': 'noeviction',
}).flatMap(([name, value]) => [`--${name}`, value]);

/** The arguments of a durable server at its place. */
export function durableAt({ port, folder }: RedisPlace): string[] {
  return ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, ...durableSettings];
}

/** Starts of a server whose port somebody else took first. */
const attempts = 3;

/** A `redis-server` process on a loopback port with a data folder of its own. */
export async function startRedisProcess(
  program: string,
  argumentsAt: (place: RedisPlace) => readonly string[] = durableAt,
): Promise<OwnServer<RedisPlace>> {
  const folder = await temporaryFolder();
  for (let attempt = 1; ; attempt++) {
    const [port = 0, spare = 0] = await freePorts(2);
    const place = { port, spare, folder: folder.path };
    const args = argumentsAt(place);
    const start = (): Promise<RunningProgram> => untilReady(program, args, place);
    try {
      let running = await start();
      return {
        address: place,
        kill: () => running.kill(),
        start: async () => {
          running = await start();
        },
        [Symbol.asyncDispose]: async () => {
          await running.kill();
          await folder[Symbol.asyncDispose]();
        },
      };
    } catch (error) {
      if (attempt < attempts) continue;
      await folder[Symbol.asyncDispose]();
      throw error;
    }
  }
}

async function untilReady(
  program: string,
  args: readonly string[],
  { port, folder }: RedisPlace,
): Promise<RunningProgram> {
  const running = await runProgram(program, args, folder);
  const ready = async (): Promise<void> => {
    if (!running.ended()) await askRedis(port, 'PING');
  };
  try {
    await eventually(ready, { timeoutMs: 20_000, everyMs: 20 });
  } catch (error) {
    await running.kill();
    throw new Error(`redis-server does not answer: ${running.output()}`, { cause: error });
  }
  if (running.ended()) throw new Error(`redis-server ended: ${running.output()}`);
  return running;
}
