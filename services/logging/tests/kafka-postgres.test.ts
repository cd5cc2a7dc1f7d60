import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { kafkaTargetOf, kafkaSection, loadConfig } from '@parley/config';
import { deadLetterTopic, topics, turnEventTypes } from '@parley/contracts';
import { openEventLog } from '@parley/events';
import type { EventLog } from '@parley/events/ports';
import { newUuid } from '@parley/kernel';
import { eventually, findServer, kafkaKind, postgresKind, temporaryFolder } from '@parley/testing';
import type { KafkaAddress, TemporaryFolder, TestServer } from '@parley/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { turnEvent } from './support/records.ts';
import { RunningLogging, prepareDataFolder } from './support/running-logging.ts';
import { TestDatabases } from './support/test-postgres.ts';

const kafka = await findServer(kafkaKind);
const postgres = await findServer(postgresKind);
const dyingRecorder = new URL('support/dying-recorder.ts', import.meta.url);
const patience = { timeoutMs: 60_000, everyMs: 100 };
/** Two silent members of a group are waited for, 10 s each. */
const limitMs = 180_000;

/** Runs a script on the built libs, whose generated parts Node cannot run from source; how it ended. */
async function endOf(script: URL, args: readonly string[]): Promise<string | number> {
  const [code, signal] = (await once(fork(fileURLToPath(script), args, { execArgv: [] }), 'close')) as [
    number,
    string | null,
  ];
  return signal ?? code;
}

const skip = kafka.skip ?? postgres.skip;
const title = 'the record on Kafka and PostgreSQL';

describe.skipIf(skip !== undefined)(skip === undefined ? title : `${title} (skipped: ${skip})`, () => {
  let broker: TestServer<KafkaAddress>;
  let server: TestServer<string>;
  let databases: TestDatabases;
  let folder: TemporaryFolder;
  let env: Record<string, string>;

  beforeAll(async () => {
    folder = await temporaryFolder();
    await prepareDataFolder(folder.path);
    [broker, server] = await Promise.all([kafka.start(), postgres.start()]);
    databases = new TestDatabases(server.address);
  }, limitMs);
  afterAll(async () => {
    await databases?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    await broker?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    env = {
      PARLEY_KAFKA_BROKERS: broker.address.brokers.join(','),
      PARLEY_KAFKA_TOPIC_PREFIX: `${newUuid()}.`,
      PARLEY_KAFKA_PARTITIONS: '3',
      PARLEY_POSTGRES_URL: databases.urlOf(await databases.make()),
    };
  });

  const openLog = (): Promise<EventLog> =>
    openEventLog({ kafka: kafkaTargetOf(loadConfig(kafkaSection, env)), file: ':memory:' });

  const turns = (count: number) => Array.from({ length: count }, (_, n) => turnEvent(`resp_${n}`));

  async function allIds(logging: RunningLogging): Promise<string[]> {
    const ids: string[] = [];
    for await (const { id } of logging.export()) ids.push(id);
    return ids.toSorted();
  }

  const sorted = (events: readonly { readonly id: string }[]): string[] =>
    events.map(({ id }) => id).toSorted();

  it(
    'has every event once, whenever a process is killed between the write and the place in the log',
    async () => {
      await using log = await openLog();
      const events = turns(400);
      await log.append(events);
      for (const before of ['0', '2']) {
        expect(await endOf(dyingRecorder, [JSON.stringify(env), before])).toBe('SIGKILL');
      }
      await using logging = await RunningLogging.start(folder.path, 'gateway', env);
      await eventually(async () => expect(await allIds(logging)).toEqual(sorted(events)), patience);
      await eventually(
        async () => expect(await logging.metric('parley_logging_consumer_lag')).toBe(0),
        patience,
      );
      expect(await allIds(logging)).toEqual(sorted(events));
      const repeated = { type: turnEventTypes.completed, outcome: 'duplicate' };
      expect(await logging.metric('parley_logging_events_total', repeated)).toBeGreaterThan(0);
      expect((await logging.readiness()).ready).toBe(true);
    },
    limitMs,
  );

  it(
    'is kept by several instances at once, and by one when the others go',
    async () => {
      await using log = await openLog();
      await using one = await RunningLogging.start(folder.path, 'gateway', env);
      const first = turns(200);
      {
        await using two = await RunningLogging.start(folder.path, 'gateway', env);
        await log.append(first);
        await eventually(async () => expect(await allIds(two)).toEqual(sorted(first)), patience);
        expect(await allIds(one)).toEqual(sorted(first));
      }
      const second = Array.from({ length: 200 }, (_, n) => turnEvent(`resp_later_${n}`));
      await log.append(second);
      await eventually(
        async () => expect(await allIds(one)).toEqual(sorted([...first, ...second])),
        patience,
      );
    },
    limitMs,
  );

  it(
    'sets poison aside: in the list, on the dead-letter topic, and never in a loop',
    async () => {
      await using log = await openLog();
      await using logging = await RunningLogging.start(folder.path, 'gateway', env);
      const poison = turnEvent('resp_1', undefined, { data: 'no json' });
      const good = turnEvent('resp_1');
      await log.append([poison, good]);
      await eventually(async () => expect(await allIds(logging)).toEqual([good.id]), patience);
      const { letters } = await logging.listDeadLetters();
      expect(letters).toMatchObject([{ reason: 'payload_not_json', eventId: poison.id, data: 'no json' }]);
      await eventually(async () => {
        const { records } = await log.read(deadLetterTopic(topics.conversation), '', 10);
        expect(records).toMatchObject([{ id: letters[0]?.id, key: 'resp_1' }]);
      }, patience);
      await eventually(
        async () => expect(await logging.metric('parley_logging_consumer_lag')).toBe(0),
        patience,
      );
      expect((await logging.listDeadLetters()).letters).toHaveLength(1);
    },
    limitMs,
  );
});
