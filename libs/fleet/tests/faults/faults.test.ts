import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../support/admin-jobs.ts';
import { eventually } from '../support/test-fleet.ts';
import { duplicates } from './duplicates.ts';
import { fullDisk, killed, killedServer, pausedDialogue, slowConsumer } from './fault.ts';
import type { Fault } from './fault.ts';
import { faultsOf, reportOf } from './report.ts';
import { strikeRounds } from './rounds.ts';
import type { Outcome } from './rounds.ts';
import { Servers, findServers } from './servers.ts';
import { slowSource } from './slow-source.ts';
import { findSmallDisk } from './small-disk.ts';
import type { SmallDisk } from './small-disk.ts';
import { World } from './world.ts';

// What `npm run faults` sets; without it each victim is struck once.
const rounds = Number(process.env['PARLEY_FAULTS_ROUNDS'] ?? 1);
const atOnce = Number(process.env['PARLEY_FAULTS_AT_ONCE'] ?? 50);
const victims = (process.env['PARLEY_FAULTS_VICTIM'] ?? '').split(',').filter((name) => name !== '');
const reportFile = process.env['PARLEY_FAULTS_REPORT'];

const roundLimitMs = 200_000;
/** Three servers and ten processes, on a machine that may be busy. */
const startLimitMs = 300_000;
const brokerAwayMs = 60_000;

const found = await findServers();
const smallDisk = await findSmallDisk();
const noDisk = typeof smallDisk === 'string' ? smallDisk : undefined;

const outcomes: Outcome[] = [];
afterAll(() => {
  process.stdout.write(`\n${reportOf(outcomes)}\n`);
});

/** One row of the matrix: what is done, made once its world is there, or why it cannot be done here. */
interface Row {
  readonly name: string;
  readonly fault: () => Fault;
  readonly skip?: string | undefined;
}

const isWanted = (name: string): boolean => victims.length === 0 || victims.includes(name);

/** Strikes a victim and expects that every promise was kept. */
function define(world: () => World, rows: readonly Row[]): void {
  for (const { name, fault, skip: cannot } of rows) {
    const skip = isWanted(name) ? cannot : 'not asked for';
    const title = `${name}: nothing is lost, doubled or renumbered, and turns are taken`;
    const strike = async (): Promise<void> => {
      const outcome = await strikeRounds(world(), fault(), rounds, { atOnce, mostOffers: 3_000 });
      outcomes.push(outcome);
      if (reportFile !== undefined) writeFileSync(reportFile, `${reportOf(outcomes)}\n`);
      expect(faultsOf(outcome)).toEqual([]);
    };
    if (skip === undefined) it(title, strike, rounds * roundLimitMs);
    else it.skip(`${title} (skipped: ${skip})`, strike);
  }
}

describe('a fleet on its servers', () => {
  let servers: Servers;
  let world: World;
  beforeAll(async () => {
    servers = await Servers.start(found);
    const logging = servers.postgres === undefined ? 1 : 2;
    world = await World.start({
      replicas: { gateway: 2, dialogue: 2, model: 2, logging },
      env: servers.env,
    });
  }, startLimitMs);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await servers?.[Symbol.asyncDispose]();
  });

  const services = ['gateway', 'dialogue', 'model', 'logging', 'monitoring'] as const;
  const brokerAway = (): Fault =>
    killedServer('kafka-away', () => servers.kafka, { covered: true, awayMs: brokerAwayMs });
  define(
    () => world,
    [
      ...services.map((service) => ({ name: service, fault: () => killed(service) })),
      {
        name: 'redis',
        fault: () => killedServer('redis', () => servers.redis, { covered: false }),
        skip: found.redis.skip,
      },
      {
        name: 'kafka',
        fault: () => killedServer('kafka', () => servers.kafka, { covered: true }),
        skip: found.kafka.skip,
      },
      {
        name: 'postgres',
        fault: () => killedServer('postgres', () => servers.postgres, { covered: true }),
        skip: found.postgres.skip,
      },
      { name: 'dialogue-paused', fault: () => pausedDialogue },
      { name: 'slow-consumer', fault: () => slowConsumer },
      { name: 'duplicates', fault: () => duplicates(servers.kafka?.address) },
      { name: 'kafka-away', fault: brokerAway, skip: found.kafka.skip },
    ],
  );

  it.runIf(isWanted('job-owner'))('job-owner: a job is started once more, then failed', async () => {
    await world.allReady();
    await using source = await slowSource();
    const started = await world.fleet.post('/admin/v1/models/pull', { source: source.url });
    expect(started.status).toBe(202);
    const { id } = (await started.json()) as Job;
    for (const starts of [1, 2]) {
      await eventually(`start ${starts} asks for the file`, 40_000, async () =>
        Promise.resolve(source.requests >= starts ? true : undefined),
      );
      for (const pid of world.pids('model')) process.kill(pid, 'SIGKILL');
    }
    const failed = await eventually('the job has failed', 40_000, async () => {
      const job = await world.fleet.json<Job>(`/admin/v1/jobs/${id}`);
      return job.state === 'failed' ? job : undefined;
    });
    expect(source.requests).toBe(2);
    expect(failed.error?.message).toContain('started twice');
  });
});

describe('an embedded fleet', () => {
  let disk: SmallDisk | undefined;
  let world: World;
  beforeAll(async () => {
    if (typeof smallDisk === 'string' || !isWanted('full-disk')) return;
    disk = await smallDisk();
    world = await World.start({ dataDir: disk.dataDir });
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await disk?.[Symbol.asyncDispose]();
  });

  define(() => world, [{ name: 'full-disk', fault: () => fullDisk(() => disk), skip: noDisk }]);
});
