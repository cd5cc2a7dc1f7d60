import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Servers, findServers } from './faults/servers.ts';
import { moveAlias } from './support/admin-jobs.ts';
import { TestFleet, eventually, textOf } from './support/test-fleet.ts';

const found = await findServers();
const missing = [found.redis, found.kafka, found.postgres].flatMap(({ skip }) => skip ?? []);
/** Three servers and ten processes, on a machine that may be busy. */
const startLimitMs = 300_000;
const replicas = { gateway: 2, dialogue: 2, model: 3, logging: 2 };

interface Answer {
  readonly id: string;
  readonly model: string;
  readonly status: string;
  readonly output: { readonly content: { readonly text: string }[] }[];
}

/** `parley up --replicas gateway=2,dialogue=2,model=3,logging=2` with Redis, Kafka and PostgreSQL. */
describe.skipIf(missing.length > 0)(`a fleet on production's parts ${missing.join('; ')}`.trim(), () => {
  let servers: Servers;
  let fleet: TestFleet;
  let answered: Answer;

  const start = (): Promise<TestFleet> =>
    TestFleet.start({
      configDir: join(import.meta.dirname, 'fixtures/two-models'),
      replicas,
      startLimitMs,
      env: servers.env,
    });
  beforeAll(async () => {
    servers = await Servers.start(found);
    fleet = await start();
  }, startLimitMs);
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await servers?.[Symbol.asyncDispose]();
  });

  /** A turn through one of the gateways. */
  async function ask(gateway: number, body: object): Promise<Answer> {
    const url = fleet.fleet.instances().filter(({ service }) => service === 'gateway')[gateway]?.url;
    const response = await fetch(`${url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${fleet.fleet.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'default', ...body }),
    });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  /** Enough turns that every model instance answers some, through both gateways. */
  const askMany = (): Promise<Answer[]> =>
    Promise.all(Array.from({ length: 12 }, (_, n) => ask(n % 2, { input: `Hello ${n}.` })));

  const text = ({ output }: Answer): string =>
    output.flatMap(({ content }) => content.map((part) => part.text)).join('');

  async function expectRecorded(answer: Answer): Promise<void> {
    const ends = await eventually(`turn ${answer.id} is in the record`, 20_000, async () => {
      const events = await fleet.terminalEvents(answer.id);
      return events.length > 0 ? events : undefined;
    });
    expect(ends.map(({ type }) => type)).toEqual(['parley.turn.completed.v1']);
    expect(textOf(ends[0])).toBe(text(answer));
  }

  it('runs as many of each service as asked for, and nothing of its data is in a file', () => {
    const counts = Map.groupBy(fleet.fleet.instances(), ({ service }) => service);
    expect(Object.fromEntries([...counts].map(([service, those]) => [service, those.length]))).toEqual({
      ...replicas,
      monitoring: 1,
    });
    expect(['fleet.db', 'record.db'].filter((file) => existsSync(join(fleet.dataDir, file)))).toEqual([]);
  });

  it('answers a conversation through both gateways, and PostgreSQL has it', async () => {
    const first = await ask(0, { input: 'Hello.' });
    expect(first).toMatchObject({ status: 'completed', model: 'first' });
    answered = await ask(1, { input: 'And then?', previous_response_id: first.id });
    expect(answered.status).toBe('completed');
    await expectRecorded(first);
    await expectRecorded(answered);
  });

  it('moves an alias without failing a turn', async () => {
    await moveAlias(fleet, 'default', 'second');
    const answers = await askMany();
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 'completed'));
    // All three model instances have followed when the job ends.
    expect(answers.map(({ model }) => model)).toEqual(answers.map(() => 'second'));
  });

  it(
    'has everything again when another fleet is started on the same servers',
    async () => {
      await fleet[Symbol.asyncDispose]();
      fleet = await start();
      const again = await fleet.json<Answer>(`/v1/responses/${answered.id}`);
      expect(text(again)).toBe(text(answered));
      await expectRecorded(answered);
      const next = await ask(0, { input: 'Do you remember?', previous_response_id: answered.id });
      expect(next).toMatchObject({ status: 'completed', model: 'second' });
      await expectRecorded(next);
      const others = await askMany();
      expect(others.map(({ model }) => model)).toEqual(others.map(() => 'second'));
    },
    startLimitMs,
  );
});
