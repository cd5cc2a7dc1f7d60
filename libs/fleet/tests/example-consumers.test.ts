import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topics } from '@parley/contracts';
import { newUuid } from '@parley/kernel';
import { eventually, findServer, kafkaKind } from '@parley/testing';
import type { KafkaAddress, TestServer } from '@parley/testing';
import { groupConsumers, kcat, kcatScript } from '../../../examples/consumers/support/programs.ts';
import { startConsumer } from '../../../examples/consumers/support/running-consumer.ts';
import { TestFleet } from './support/test-fleet.ts';

const kafka = await findServer(kafkaKind);
const withinMs = { timeoutMs: 50_000, everyMs: 50 };

/** What anybody can know of a fleet's turns, without asking the fleet. */
describe.skipIf(kafka.skip !== undefined)(kafka.title('the example consumers beside a fleet'), () => {
  const prefix = `${newUuid()}.`;
  let server: TestServer<KafkaAddress>;
  let fleet: TestFleet;
  let lines: string[];
  let variables: Record<string, string>;

  beforeAll(async () => {
    server = await kafka.start();
    const brokers = server.address.brokers.join(',');
    variables = { KAFKA_BROKERS: brokers, TOPIC: `${prefix}${topics.conversation}` };
    const configDir = join(import.meta.dirname, 'fixtures/simulated');
    const env = { PARLEY_KAFKA_BROKERS: brokers, PARLEY_KAFKA_TOPIC_PREFIX: prefix };
    fleet = await TestFleet.start({ configDir, env });
    lines = await Promise.all(Array.from({ length: 5 }, () => askOnce()));
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  /** One turn, and the line that tells it. */
  async function askOnce(): Promise<string> {
    const { id, usage } = await fleet.openai.responses.create({ model: 'default', input: 'Hello!' });
    return `${id} completed ${usage?.input_tokens ?? 0}+${usage?.output_tokens ?? 0} tokens`;
  }

  describe.each(groupConsumers)('in $language', ({ language, command, skip, needed }) => {
    it.skipIf(skip)(`print the turns that clients saw${needed}`, async () => {
      await using consumer = startConsumer(command, { ...variables, GROUP: `${prefix}${language}` });
      await eventually(() => expect([...consumer.lines].sort()).toEqual([...lines].sort()), withinMs);
    });
  });

  it.skipIf(kcat.skip)(`with kcat print the turns that clients saw${kcat.needed}`, async () => {
    const env = { ...process.env, ...variables };
    const { stdout } = await promisify(execFile)(kcatScript('turns.sh'), [], { env });
    expect(stdout.trim().split('\n').sort()).toEqual([...lines].sort());
  });
});
