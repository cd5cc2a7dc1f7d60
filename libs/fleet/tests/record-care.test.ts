import { findServer, kafkaKind, postgresKind, redisKind } from '@parley/testing';
import type { KafkaAddress, TestServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFleet, eventually } from './support/test-fleet.ts';
import type { RecordedEvent } from './support/test-fleet.ts';

const kafka = await findServer(kafkaKind);
const postgres = await findServer(postgresKind);
const redis = await findServer(redisKind);
const missing = kafka.skip ?? postgres.skip ?? redis.skip;

interface Job {
  state: string;
  kind: string;
  stage: string;
}

/** A stored turn of a user, once its end is in the record. */
async function recordedTurn(fleet: TestFleet, user: string, input: string): Promise<string> {
  const { id } = await fleet.openai.responses.create({ model: 'default', input, user });
  await eventually(`the end of ${id} is recorded`, 10_000, async () => {
    const ends = await fleet.terminalEvents(id);
    return ends.length > 0 ? ends : undefined;
  });
  return id;
}

async function textOfRecord(fleet: TestFleet, turn: string): Promise<string> {
  return JSON.stringify(await fleet.json(`/admin/v1/events?turn=${turn}`));
}

/** What an administrator can do, whatever the fleet is on. */
function careOf(fleet: () => TestFleet): void {
  it('exports it as lines, and finds the export among the jobs', async () => {
    const turn = await recordedTurn(fleet(), 'bob', 'hi');
    const response = await fleet().post('/admin/v1/export', { turn });
    const lines = (await response.text()).trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line) as RecordedEvent & { cursor: string });
    expect(events.map(({ type }) => type)).toEqual(['parley.turn.accepted.v1', 'parley.turn.completed.v1']);
    const path = `/admin/v1/jobs/${response.headers.get('x-parley-job-id')}`;
    const job = await eventually('the job has ended', 10_000, async () => {
      const found = await fleet().json<Job>(path);
      return found.state === 'succeeded' ? found : undefined;
    });
    expect(job).toMatchObject({ kind: 'export', stage: '2 events' });
    const list = await fleet().json<{ data: Job[] }>('/admin/v1/jobs');
    expect(list.data.map(({ kind }) => kind)).toContain('export');
    const rest = await fleet().post('/admin/v1/export', { turn, after: events[0]?.cursor });
    expect((await rest.text()).trimEnd().split('\n')).toEqual([lines[1]]);
  });

  it('erases what a user said and was told, and nobody else’s', async () => {
    const [ada, bob] = [
      await recordedTurn(fleet(), 'ada', 'the name of my cat is Grace'),
      await recordedTurn(fleet(), 'bob', 'the name of my dog is Kurt'),
    ];
    expect(await textOfRecord(fleet(), ada)).toContain('Grace');
    const response = await fleet().fetch('/admin/v1/users/ada/data', { method: 'DELETE' });
    expect(response.status).toBe(202);
    await eventually('the text has gone', 10_000, async () =>
      (await textOfRecord(fleet(), ada)).includes('Grace') ? undefined : true,
    );
    const erased = await textOfRecord(fleet(), ada);
    expect(erased).not.toMatch(/Grace|"ada"/);
    expect(erased).toContain('FINISH_REASON');
    expect(await textOfRecord(fleet(), bob)).toContain('Kurt');
    const later = await recordedTurn(fleet(), 'ada', 'the name of my cat is Grace');
    expect(await textOfRecord(fleet(), later)).toContain('Grace');
  });

  it('sees that nothing was set aside', async () => {
    const letters = await fleet().json<{ data: unknown[] }>('/admin/v1/events/dead-letters');
    expect(letters.data).toEqual([]);
    const retried = await fleet().post('/admin/v1/events/dead-letters/retry', {});
    expect(await retried.json()).toMatchObject({ recorded: 0, refused: [] });
  });
}

describe('an administrator of the record', () => {
  let fleet: TestFleet;
  beforeAll(async () => {
    fleet = await TestFleet.start();
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());
  careOf(() => fleet);
});

const title = 'an administrator of a record on Kafka and PostgreSQL, kept by two instances';
describe.skipIf(missing !== undefined)(
  missing === undefined ? title : `${title} (skipped: ${missing})`,
  () => {
    let servers: [TestServer<KafkaAddress>, TestServer<string>, TestServer<string>];
    let fleet: TestFleet;
    beforeAll(async () => {
      servers = await Promise.all([kafka.start(), postgres.start(), redis.start()]);
      const [events, record, state] = servers;
      fleet = await TestFleet.start({
        replicas: { logging: 2 },
        env: {
          PARLEY_KAFKA_BROKERS: events.address.brokers.join(','),
          PARLEY_KAFKA_TOPIC_PREFIX: `care-${process.pid}.`,
          PARLEY_POSTGRES_URL: record.address,
          PARLEY_REDIS_URL: state.address,
          PARLEY_REDIS_KEY_PREFIX: `care-${process.pid}`,
        },
      });
    }, 240_000);
    afterAll(async () => {
      await fleet?.[Symbol.asyncDispose]();
      for (const server of servers ?? []) await server[Symbol.asyncDispose]();
    });
    careOf(() => fleet);
  },
);
