import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ServiceName } from '@parley/fleet';
import { findOwnServer, redisKind } from '@parley/testing';
import type { OwnServer } from '@parley/testing';
import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, isTerminal, joinedText } from './support/sse.ts';
import type { StreamEvent } from './support/sse.ts';
import { TestFleet, eventually, textOf } from './support/test-fleet.ts';
import type { RecordedEvent } from './support/test-fleet.ts';

const redis = await findOwnServer(redisKind);

/** Some two seconds long. */
const body = { model: 'default', input: 'Tell me a story.', max_output_tokens: 100 } as const;
const chat = {
  model: 'default',
  messages: [{ role: 'user', content: 'Tell me a story.' }],
  max_tokens: 100,
} as const;

describe('an Idempotency-Key in a fleet with embedded state', () => {
  holdsWhateverDies(async () => ({}));
});

describe.skipIf(redis.skip !== undefined)(redis.title('an Idempotency-Key in a fleet on Redis'), () => {
  let server: OwnServer<string>;
  afterAll(() => server?.[Symbol.asyncDispose]());
  holdsWhateverDies(async () => {
    server = await redis.start();
    return { PARLEY_REDIS_URL: server.address };
  });
});

/** Two gateways and two dialogue instances; everything a test starts has a key of its own. */
function holdsWhateverDies(environment: () => Promise<Record<string, string>>): void {
  let fleet: TestFleet;
  beforeAll(async () => {
    fleet = await TestFleet.start({
      configDir: join(import.meta.dirname, 'fixtures/simulated'),
      replicas: { gateway: 2, dialogue: 2 },
      // Seven processes at once: a busy machine starts them slowly, and that is not what is tested here.
      startLimitMs: 110_000,
      env: await environment(),
    });
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  function gateway(index: number): string {
    const found = fleet.fleet.instances().filter(({ service }) => service === 'gateway');
    return found[index]?.url ?? expect.unreachable(`there is no gateway ${index}`);
  }

  /** The official client at one of the gateways, which insists. */
  function client(index: number): OpenAI {
    return new OpenAI({ baseURL: `${gateway(index)}/v1`, apiKey: fleet.fleet.apiKey, maxRetries: 12 });
  }

  function post(index: number, path: string, key: string, content: object): Promise<Response> {
    return fetch(`${gateway(index)}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${fleet.fleet.apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(content),
    });
  }

  async function streamed(index: number, key: string): Promise<StreamEvent[]> {
    return collect(await post(index, '/v1/responses', key, { ...body, stream: true }));
  }

  function kill(service: ServiceName, index?: number): void {
    const instances = fleet.fleet.instances().filter((instance) => instance.service === service);
    for (const { pid } of index === undefined ? instances : instances.slice(index, index + 1))
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
  }

  async function untilReady(): Promise<void> {
    await eventually('all instances are ready again', 60_000, async () => {
      if (!fleet.fleet.instances().every(({ state }) => state === 'ready')) return undefined;
      for (const index of [0, 1]) if (!(await fetch(`${gateway(index)}/readyz`)).ok) return undefined;
      return true;
    });
  }

  async function acceptedTurns(): Promise<string[]> {
    const path = '/admin/v1/events?type=parley.turn.accepted.v1&limit=1000';
    const { data } = await fleet.json<{ data: RecordedEvent[] }>(path);
    return data.map(({ turn_id: id }) => id);
  }

  /** The one turn that was accepted since `before` and what it is known by once it is recorded. */
  async function newTurn(before: readonly string[]): Promise<string> {
    return eventually('the turn is recorded as accepted', 20_000, async () => {
      const [id] = (await acceptedTurns()).filter((each) => !before.includes(each));
      return id;
    });
  }

  async function terminal(id: string): Promise<RecordedEvent> {
    const events = await eventually(`turn ${id} is recorded as ended`, 30_000, async () => {
      const found = await fleet.terminalEvents(id);
      return found.length > 0 ? found : undefined;
    });
    expect(events).toHaveLength(1);
    return events[0] ?? expect.unreachable();
  }

  it('makes one response of many requests, streamed by nobody or by all, at both gateways', async () => {
    const [whole, stream] = [randomUUID(), randomUUID()];
    const before = await acceptedTurns();
    const responses = await Promise.all(
      [0, 1, 0, 1].map((index) => client(index).responses.create(body, { headers: keyed(whole) })),
    );
    expect(new Set(responses.map(({ id, output_text: text }) => `${id} ${text}`)).size).toBe(1);
    const streams = await Promise.all([0, 1, 0, 1].map((index) => streamed(index, stream)));
    const [first = []] = streams;
    expect(isTerminal(first.at(-1))).toBe(true);
    for (const events of [...streams, await streamed(1, stream)]) {
      expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, at) => at));
      expect(joinedText(events)).toBe(joinedText(first));
      expect(events[0]?.response?.id).toBe(first[0]?.response?.id);
    }
    const ids = [responses[0]?.id ?? '', first[0]?.response?.id ?? ''];
    for (const id of ids) await terminal(id);
    const made = (await acceptedTurns()).filter((id) => !before.includes(id));
    expect(made.toSorted()).toEqual(ids.toSorted());
  });

  it('is refused with another body, at whichever gateway', async () => {
    const key = randomUUID();
    const short = { ...body, max_output_tokens: 4 };
    const { id } = await client(0).responses.create(short, { headers: keyed(key) });
    // Recorded, so that the next test does not take it for one of its own.
    await terminal(id);
    for (const index of [0, 1]) {
      const refused = await post(index, '/v1/responses', key, body);
      expect(refused.status).toBe(422);
      expect(refused.headers.get('x-should-retry')).toBe('false');
      expect(await refused.json()).toMatchObject({ error: { code: 'idempotency_mismatch' } });
    }
  });

  it('brings a client whose gateway was killed to the response it had started', async () => {
    const [whole, stream] = [randomUUID(), randomUUID()];
    const before = await acceptedTurns();
    const asked = client(0).responses.create(body, { headers: keyed(whole) });
    const id = await newTurn(before);
    // The stream has begun: before that there is nothing to be broken off.
    const broken = collect(await post(0, '/v1/responses', stream, { ...body, stream: true }));
    const streamId = await newTurn([...before, id]);
    kill('gateway', 0);
    const seen = await broken;
    const again = await streamed(1, stream);
    expect(again[0]?.response?.id).toBe(streamId);
    expect(again.map(({ sequence_number: number }) => number)).toEqual(again.map((_, at) => at));
    expect(isTerminal(again.at(-1))).toBe(true);
    expect(joinedText(again).startsWith(joinedText(seen))).toBe(true);
    const response = await asked;
    expect(response.id).toBe(id);
    expect(textOf(await terminal(id))).toBe(response.output_text);
    expect(textOf(await terminal(streamId))).toBe(joinedText(again));
    expect((await acceptedTurns()).filter((each) => !before.includes(each))).toHaveLength(2);
    await untilReady();
  });

  it('brings a client whose turn lost dialogue to its outcome, and never runs it again', async () => {
    const key = randomUUID();
    const before = await acceptedTurns();
    const asked = client(0).responses.create(body, { headers: keyed(key) });
    const id = await newTurn(before);
    kill('dialogue');
    // Without any text yet the outcome is an error, which is as final as an answer.
    const heard = await asked.catch((error: unknown) => error);
    const retry = await post(1, '/v1/responses', key, body);
    const recorded = await terminal(id);
    expect(recorded.data.incompleteReason).toBe('owner_lost');
    if (heard instanceof APIError) {
      expect(heard.headers?.get('x-should-retry')).toBe('false');
      expect(retry.status).toBe(heard.status);
      expect(textOf(recorded)).toBe('');
    } else {
      expect(heard).toMatchObject({ id, status: 'incomplete', output_text: textOf(recorded) });
      expect(await retry.json()).toMatchObject({ id, status: 'incomplete' });
    }
    expect((await acceptedTurns()).filter((each) => !before.includes(each))).toEqual([id]);
    await untilReady();
  });

  it('keeps a chat that nobody reads for a client that comes back, at another gateway as well', async () => {
    const key = randomUUID();
    const before = await acceptedTurns();
    const leaving = new AbortController();
    const left = client(0).chat.completions.create(
      { ...chat, messages: [...chat.messages] },
      { headers: keyed(key), signal: leaving.signal },
    );
    const id = await newTurn(before);
    leaving.abort();
    await expect(left).rejects.toThrow();
    const completions = await Promise.all(
      [0, 1].map((index) =>
        client(index).chat.completions.create(
          { ...chat, messages: [...chat.messages] },
          { headers: keyed(key) },
        ),
      ),
    );
    const texts = completions.map(({ choices }) => choices[0]?.message.content ?? '');
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]?.length).toBeGreaterThan(100);
    for (const completion of completions) expect(completion.id.slice('chatcmpl-'.length)).toBe(id.slice(5));
    expect((await terminal(id)).type).toBe('parley.turn.incomplete.v1');
    expect((await acceptedTurns()).filter((each) => !before.includes(each))).toEqual([id]);
  });

  it('holds when every process of the fleet is killed', async () => {
    const [stored, unstored, load] = [randomUUID(), randomUUID(), randomUUID()];
    const said = { ...body, max_output_tokens: 8 };
    const response = await client(0).responses.create(said, { headers: keyed(stored) });
    const completion = await post(0, '/v1/chat/completions', unstored, { ...chat, max_tokens: 8 });
    const first = (await completion.json()) as { readonly id: string };
    const order = { model: 'simulated' };
    const job = (await (await post(0, '/admin/v1/models/load', load, order)).json()) as { id: string };
    await terminal(response.id);
    await terminal(`${response.id.slice(0, 'resp_'.length)}${first.id.slice('chatcmpl-'.length)}`);
    await eventually('the job has succeeded', 20_000, async () => {
      const { state } = await fleet.json<{ state: string }>(`/admin/v1/jobs/${job.id}`);
      return state === 'succeeded' ? true : undefined;
    });
    const before = await acceptedTurns();
    for (const service of ['gateway', 'dialogue', 'model', 'logging', 'monitoring'] as const) kill(service);
    await eventually('the gateways are gone', 10_000, async () =>
      fetch(`${gateway(0)}/healthz`).then(
        () => undefined,
        () => true,
      ),
    );
    await untilReady();
    const again = await client(1).responses.create(said, { headers: keyed(stored) });
    expect([again.id, again.output_text]).toEqual([response.id, response.output_text]);
    const chatAgain = await post(1, '/v1/chat/completions', unstored, { ...chat, max_tokens: 8 });
    expect(await chatAgain.json()).toEqual(first);
    const jobAgain = await post(1, '/admin/v1/models/load', load, order);
    expect([jobAgain.status, await jobAgain.json()]).toMatchObject([202, { id: job.id, state: 'succeeded' }]);
    expect((await post(1, '/admin/v1/models/load', load, { model: 'another' })).status).toBe(422);
    expect(await acceptedTurns()).toEqual(before);
  });
}

function keyed(key: string): Record<string, string> {
  return { 'Idempotency-Key': key };
}
