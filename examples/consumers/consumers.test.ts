import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dataSchemaOf } from '@parley/contracts';
import { newPublicId, newUuid } from '@parley/kernel';
import { eventually, findServer, kafkaKind } from '@parley/testing';
import type { KafkaAddress, TestServer } from '@parley/testing';
import { eventsOfTurn, lineOf } from './support/events-of-turns.ts';
import { groupConsumers, kcat, kcatScript } from './support/programs.ts';
import { startConsumer } from './support/running-consumer.ts';
import { openTestTopic } from './support/test-topic.ts';
import type { TestTopic } from './support/test-topic.ts';

const kafka = await findServer(kafkaKind);

const withinMs = { timeoutMs: 50_000, everyMs: 50 };

/** All that can happen to two conversations, and the lines that tell it; each conversation has its own order. */
async function publishTwoConversations(topic: TestTopic): Promise<{ ids: string[]; lines: string[][] }> {
  const [one, two] = [newPublicId('conv'), newPublicId('conv')];
  const first = eventsOfTurn(one, 0, 'completed', { input: 18, output: 17 });
  const second = eventsOfTurn(one, 1, 'failed');
  const third = eventsOfTurn(one, 2, 'incomplete', { input: 30, output: 4 });
  const other = eventsOfTurn(two, 0, 'cancelled', { input: 5 });
  await topic.append([...first, ...other]);
  await topic.sendForeign(one, 'no JSON', { ce_id: newUuid(), ce_type: 'parley.turn.completed.v1' });
  await topic.sendForeign(two, null);
  // A relay that did not hear of its success sends the same again; then two turns arrive in disorder.
  await topic.append([...first, ...other, ...third, ...second]);
  // These lines come after all that a repeat could have caused.
  const last = eventsOfTurn(one, 3, 'completed', { output: 1 });
  await topic.append([...last, ...eventsOfTurn(two, 1, 'completed', { output: 2 })]);
  const lines = [
    [
      lineOf(one, 'completed', 18, 17),
      lineOf(one, 'failed', 0, 0),
      lineOf(one, 'incomplete', 30, 4),
      lineOf(one, 'completed', 0, 1),
    ],
    [lineOf(two, 'cancelled', 5, 0), lineOf(two, 'completed', 0, 2)],
  ];
  return { ids: [one, two], lines };
}

function linesOf(lines: readonly string[], conversations: readonly string[]): string[][] {
  return conversations.map((id) => lines.filter((line) => line.startsWith(id)));
}

describe.skipIf(kafka.skip !== undefined)(kafka.title('the example consumers'), () => {
  let server: TestServer<KafkaAddress>;
  let topic: TestTopic;

  const variables = (): Record<string, string> => ({
    KAFKA_BROKERS: server.address.brokers.join(','),
    TOPIC: topic.name,
    GROUP: `group of ${topic.name}`,
  });

  beforeAll(async () => {
    server = await kafka.start();
  });

  beforeEach(async () => {
    topic = await openTestTopic(server.address.brokers);
  });

  afterEach(() => topic[Symbol.asyncDispose]());

  afterAll(() => server?.[Symbol.asyncDispose]());

  describe.each(groupConsumers)('in $language', ({ command, skip, needed }) => {
    it.skipIf(skip)(`prints each turn that ended, once, in order${needed}`, async () => {
      const { ids, lines } = await publishTwoConversations(topic);
      await using consumer = startConsumer(command, variables());
      await eventually(() => expect(linesOf(consumer.lines, ids)).toEqual(lines), withinMs);
      expect(consumer.lines).toHaveLength(lines.flat().length);
      expect(consumer.errors()).toMatch(/skipped parley\.turn\.completed\.v1/);
    });

    it.skipIf(skip)(`goes on where it was stopped${needed}`, async () => {
      await topic.append(eventsOfTurn('conv_before', 0, 'completed'));
      await using first = startConsumer(command, variables());
      const before = lineOf('conv_before', 'completed', 0, 0);
      await eventually(() => expect(first.lines).toEqual([before]), withinMs);
      expect(await first.end('SIGTERM')).toBe(0);
      await topic.append(eventsOfTurn('conv_after', 0, 'failed'));
      await using second = startConsumer(command, variables());
      await eventually(() => expect(second.lines).toEqual([lineOf('conv_after', 'failed', 0, 0)]), withinMs);
    });

    it.skipIf(skip)(`misses no turn when it is killed at work${needed}`, async () => {
      const conversations = Array.from({ length: 5_000 }, () => newPublicId('conv'));
      await topic.append(conversations.flatMap((id) => eventsOfTurn(id, 0, 'completed')));
      await using first = startConsumer(command, variables());
      await eventually(() => expect(first.lines.length).toBeGreaterThan(0), { ...withinMs, everyMs: 1 });
      await first.end('SIGKILL');
      await using second = startConsumer(command, variables());
      await eventually(() => {
        const seen = new Set([...first.lines, ...second.lines]);
        expect(conversations.filter((id) => !seen.has(lineOf(id, 'completed', 0, 0)))).toEqual([]);
      }, withinMs);
    });
  });

  describe('with kcat', () => {
    it.skipIf(kcat.skip)(`print each turn that ended, once, in order${kcat.needed}`, async () => {
      const { ids, lines } = await publishTwoConversations(topic);
      const printed = (await run('turns.sh')).trim().split('\n');
      expect(linesOf(printed, ids)).toEqual(lines);
      expect(printed).toHaveLength(lines.flat().length);
    });

    it.skipIf(kcat.skip)(`show the headers of every event${kcat.needed}`, async () => {
      const events = eventsOfTurn('conv_1', 0, 'completed');
      await topic.append(events);
      const shown = await run('tail.sh', '-o', 'beginning', '-e');
      for (const [index, event] of shown.trim().split('\n\n').entries()) {
        const [head, headers, payload] = event.split('\n').map((line) => line.trim());
        const { id, type, sequence, data } = events[index] ?? expect.fail(event);
        expect(head).toMatch(/^\d+ conv_1$/);
        const told = [`ce_id=${id}`, `ce_type=${type}`, `ce_sequence=${sequence}`];
        expect(headers?.split(',')).toEqual(expect.arrayContaining(told));
        expect(headers).toContain(`ce_dataschema=${dataSchemaOf(type)}`);
        expect(payload).toBe(data);
      }
    });

    async function run(script: string, ...args: string[]): Promise<string> {
      const env = { ...process.env, ...variables() };
      return (await promisify(execFile)(kcatScript(script), args, { env })).stdout;
    }
  });
});
