import { dialogue, topics, turnEventTypes } from '@parley/contracts';
import { openEventLog } from '@parley/events';
import { newUuid } from '@parley/kernel';
import type { RunningService } from '@parley/nest';
import { eventually, findServer, kafkaKind } from '@parley/testing';
import type { KafkaAddress, TestServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningFleet, startRequest } from './support/running-fleet.ts';

const { TurnStatus } = dialogue;
const kafka = await findServer(kafkaKind);
/** Nobody listens there. */
const nowhere = { PARLEY_KAFKA_BROKERS: '127.0.0.1:1' };
const patient = { timeoutMs: 20_000 };

interface Readiness {
  readonly ready: boolean;
  readonly checks: { name: string; ok: boolean; reason: string }[];
}

async function readinessOf(service: RunningService): Promise<Readiness> {
  const response = await fetch(`http://127.0.0.1:${service.telemetryPort}/readyz`);
  return (await response.json()) as Readiness;
}

async function eventLogNote(service: RunningService): Promise<string | undefined> {
  const { ready, checks } = await readinessOf(service);
  expect(ready).toBe(true);
  return checks.find(({ name }) => name === 'event log')?.reason;
}

describe.skipIf(kafka.skip !== undefined)(kafka.title('the events of turns on Kafka'), () => {
  let server: TestServer<KafkaAddress>;
  beforeAll(async () => {
    server = await kafka.start();
  }, 180_000);
  afterAll(() => server[Symbol.asyncDispose]());

  it('are there in order when the turn has ended', async () => {
    await using fleet = await RunningFleet.start();
    const topicPrefix = `test-${newUuid()}.`;
    const brokers = server.address.brokers;
    const service = await fleet.instance({
      PARLEY_KAFKA_BROKERS: brokers.join(','),
      PARLEY_KAFKA_TOPIC_PREFIX: topicPrefix,
      PARLEY_KAFKA_PARTITIONS: '3',
    });
    const caller = fleet.caller(service);
    const turns: (dialogue.Turn | undefined)[] = [];
    for (const text of ['One', 'Two', 'Three']) turns.push(await caller.start(startRequest(text)).ended());
    await using log = await openEventLog({ kafka: { brokers, topicPrefix }, file: ':memory:' });
    await eventually(async () => {
      const { records } = await log.read(topics.conversation, '', 100);
      for (const turn of turns) {
        const ofTurn = records.filter(({ key }) => key === turn?.id);
        expect(ofTurn.map(({ type, sequence }) => [type, sequence])).toEqual([
          [turnEventTypes.accepted, 0],
          [turnEventTypes.completed, 1],
        ]);
      }
    }, patient);
    expect(await eventLogNote(service)).toBe('');
  });
});

describe('a dialogue service whose Kafka is away', () => {
  it('starts, and goes on with turns whose events its durable store keeps', async () => {
    await using fleet = await RunningFleet.start();
    const service = await fleet.instance(nowhere);
    const caller = fleet.caller(service);
    const turn = await caller.start(startRequest('Hi')).ended();
    expect(turn?.status).toBe(TurnStatus.TURN_STATUS_COMPLETED);
    await eventually(
      async () => expect(await eventLogNote(service)).toMatch(/not acknowledged.*wait in the outbox/),
      patient,
    );
    const later = await caller.start(startRequest('Still there?')).ended();
    expect(later?.status).toBe(TurnStatus.TURN_STATUS_COMPLETED);
  });

  it('refuses new turns where it is told to, and gives back what it has', async () => {
    await using fleet = await RunningFleet.start();
    const service = await fleet.instance({ ...nowhere, PARLEY_EVENTS_WHEN_KAFKA_AWAY: 'refuse' });
    const caller = fleet.caller(service);
    const turn = await caller.start(startRequest('Hi')).ended();
    await eventually(
      async () => expect(await eventLogNote(service)).toMatch(/not acknowledged.*are refused/),
      patient,
    );
    await expect(caller.start(startRequest('And now?')).ended()).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      retryAfterMs: 5_000,
    });
    expect((await caller.get(turn?.id ?? '')).status).toBe(TurnStatus.TURN_STATUS_COMPLETED);
  });
});
