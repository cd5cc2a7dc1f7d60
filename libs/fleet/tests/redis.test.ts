import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findOwnServer, redisKind } from '@parley/testing';
import type { OwnServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, joinedText } from './support/sse.ts';
import type { StreamEvent } from './support/sse.ts';
import { TestFleet, eventually, textOf } from './support/test-fleet.ts';

const redis = await findOwnServer(redisKind);

interface Retrieved {
  readonly id: string;
  readonly status: string;
  readonly output: { readonly content: { readonly text: string }[] }[];
  readonly incomplete_details: { readonly reason: string } | null;
}

/** A stored turn whose stream is being read. */
interface Reading {
  readonly id: string;
  readonly rest: Promise<StreamEvent[]>;
}

/** Two gateways and two dialogue instances whose state is in a Redis that a test can kill. */
describe.skipIf(redis.skip !== undefined)(redis.title('a fleet on Redis'), () => {
  let server: OwnServer<string>;
  let fleet: TestFleet;
  beforeAll(async () => {
    server = await redis.start();
    fleet = await TestFleet.start({
      configDir: join(import.meta.dirname, 'fixtures/simulated'),
      replicas: { gateway: 2, dialogue: 2 },
      env: { PARLEY_REDIS_URL: server.address },
    });
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  function gateway(index: number): string {
    const found = fleet.fleet.instances().filter(({ service }) => service === 'gateway');
    const url = found[index % found.length]?.url;
    if (url === undefined) throw new Error(`there is no gateway ${index}`);
    return url;
  }

  function post(index: number, body: object): Promise<Response> {
    const headers = { authorization: `Bearer ${fleet.fleet.apiKey}`, 'content-type': 'application/json' };
    return fetch(`${gateway(index)}/v1/responses`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model: 'default', ...body }),
    });
  }

  async function dialogueLogs(): Promise<string> {
    const folder = join(fleet.dataDir, 'logs');
    const files = (await readdir(folder)).filter((name) => name.startsWith('dialogue'));
    return (await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))).join('');
  }

  /** Starts a stored turn at one of the gateways and resolves once some of its text has come. */
  async function startAndReadSome(index: number): Promise<Reading> {
    const response = await post(index, { input: 'Tell me a story.', stream: true });
    expect(response.status).toBe(200);
    const first = Promise.withResolvers<StreamEvent>();
    let some = '';
    const enough = Promise.withResolvers<void>();
    const rest = collect(response, (event) => {
      first.resolve(event);
      some += event.delta ?? '';
      if (some.length > 20) enough.resolve();
    });
    await Promise.race([enough.promise, rest]);
    return { id: (await first.promise).response?.id ?? '', rest };
  }

  /** The turn as it ended, after checking that API, record and stream tell the same of it. */
  async function endOf({ id, rest }: Reading): Promise<Retrieved> {
    const ended = await eventually(`turn ${id} ends`, 30_000, async () => {
      const found = await fleet.json<Retrieved>(`/v1/responses/${id}`);
      return found.status === undefined || found.status === 'in_progress' ? undefined : found;
    });
    const text = ended.output.flatMap(({ content }) => content.map((part) => part.text)).join('');
    expect(text.startsWith(joinedText(await rest))).toBe(true);
    const recorded = await eventually(`turn ${id} is in the record`, 10_000, async () => {
      const found = await fleet.terminalEvents(id);
      return found.length > 0 ? found : undefined;
    });
    expect(recorded.map(({ type }) => type)).toEqual([`parley.turn.${ended.status}.v1`]);
    expect(textOf(recorded[0])).toBe(text);
    return ended;
  }

  it('answers a conversation that goes on at the other gateway, and records it', async () => {
    const said = { input: 'Hello.', max_output_tokens: 8 };
    const first = (await (await post(0, said)).json()) as Retrieved;
    const response = await post(1, { ...said, input: 'And then?', previous_response_id: first.id });
    expect(response.status).toBe(200);
    const second = (await response.json()) as Retrieved;
    for (const { id } of [first, second]) {
      const { status } = await endOf({ id, rest: Promise.resolve([]) });
      expect(status).toBe('incomplete');
    }
  });

  it('ends every turn once when Redis is killed in mid-stream, and takes new ones soon after', async () => {
    const readings = await Promise.all(Array.from({ length: 20 }, (_, index) => startAndReadSome(index)));
    await server.kill();
    // Refused only after the store's own tries, some 1.5 s, which the steps of running turns have used up as well by then.
    expect((await post(0, { input: 'Are you there?', max_output_tokens: 4 })).status).toBe(503);
    await server.start();
    await eventually('a new turn is accepted', 15_000, async () => {
      const response = await post(0, { input: 'Are you there?', max_output_tokens: 4 });
      return response.status === 200 ? true : undefined;
    });
    const ended = await Promise.all(readings.map(endOf));
    expect(ended.map(({ status }) => status)).toEqual(readings.map(() => 'completed'));
    const logs = await dialogueLogs();
    expect(logs).toContain('A write of a turn failed');
    expect(logs, 'what failed is told without what was to be written').not.toMatch(/text_delta|a story/);
  });

  it('ends the turns of a killed dialogue instance incomplete while those of the other go on', async () => {
    const readings = await Promise.all(Array.from({ length: 12 }, (_, index) => startAndReadSome(index)));
    process.kill(fleet.pid('dialogue'), 'SIGKILL');
    const ended = await Promise.all(readings.map(endOf));
    const outcomes = ended.map(({ status, incomplete_details: details }) => details?.reason ?? status);
    expect([...new Set(outcomes)].sort()).toEqual(['completed', 'owner_lost']);
  });
});
