import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames } from '@parley/fleet';
import type { ServiceName } from '@parley/fleet';
import type { OwnServer } from '@parley/testing';
import { eventually } from '../support/test-fleet.ts';
import type { SmallDisk } from './small-disk.ts';
import type { World } from './world.ts';

/** Something that goes wrong under load, and goes by. */
export interface Fault {
  /** As `--victim` and the report name it. */
  readonly name: string;
  /** Whether turns must be taken all the while; see `Outage`. */
  readonly covered: boolean;
  /** Does it; resolves when its cause is gone. */
  strike(world: World): Promise<void>;
  /** What must be true of the world some time later, beside what holds after every fault. @throws Error otherwise */
  settled?(world: World): Promise<void>;
}

const shortestOutageMs = 1_000;
const longestOutageMs = 5_000;
const mostStarts = 3;
/** Longer than an owner's lease of 10 s. */
const pastLeaseMs = 12_000;
const slowConsumerMs = 8_000;
const refusedWithinMs = 45_000;
/** A refusal is no refusal when it does not come. */
const refusalLimitMs = 10_000;
const fullForMs = 3_000;

/** `kill -9` of one instance; its supervisor starts it again. */
export function killed(service: ServiceName): Fault {
  return {
    name: service,
    covered: true,
    strike: (world) => {
      process.kill(one(world.pids(service)), 'SIGKILL');
      return Promise.resolve();
    },
  };
}

/** `kill -9` of a server, which is started again after `awayMs`, by default 1 to 5 s. */
export function killedServer(
  name: string,
  server: () => OwnServer<unknown> | undefined,
  options: { covered: boolean; awayMs?: number },
): Fault {
  return {
    name,
    covered: options.covered,
    strike: async () => {
      const victim = server();
      if (victim === undefined) throw new Error(`there is no ${name} to kill`);
      await victim.kill();
      await sleep(options.awayMs ?? randomInt(shortestOutageMs, longestOutageMs));
      await startedAgain(victim);
    },
  };
}

/** A busy machine may need more than the time that a server has for a start. */
async function startedAgain(server: OwnServer<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await server.start();
    } catch (error) {
      if (attempt === mostStarts) throw error;
    }
  }
}

/** A dialogue instance stands still past its lease, then goes on as if nothing had been. */
export const pausedDialogue: Fault = {
  name: 'dialogue-paused',
  covered: true,
  strike: (world) => paused([one(world.pids('dialogue'))], pastLeaseMs),
};

/** Nobody consumes for a while; what waits must be caught up with. */
export const slowConsumer: Fault = {
  name: 'slow-consumer',
  covered: true,
  strike: (world) => paused(world.pids('logging'), slowConsumerMs),
};

/** No write succeeds for a while, from the outbox to the event log and the record; turns are refused then. */
export function fullDisk(find: () => SmallDisk | undefined): Fault {
  return {
    name: 'full-disk',
    covered: false,
    strike: async (world) => {
      const disk = find();
      if (disk === undefined) throw new Error('there is no disk to fill');
      const pids = serviceNames.flatMap((service) => world.pids(service));
      await disk.fillUp(pids);
      try {
        await eventually('a turn is refused', refusedWithinMs, async () => {
          const signal = AbortSignal.timeout(refusalLimitMs);
          const body = { model: 'default', input: 'Hello.' };
          const response = await world.fleet.post('/v1/responses', body, { signal });
          return response.status === 503 ? true : undefined;
        });
        await sleep(fullForMs);
      } finally {
        await disk.makeRoom(pids);
      }
    },
  };
}

async function paused(pids: readonly number[], ms: number): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await sleep(ms);
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
}

function one(pids: readonly number[]): number {
  const pid = pids[randomInt(pids.length)];
  if (pid === undefined) throw new Error('there is nobody to strike');
  return pid;
}
