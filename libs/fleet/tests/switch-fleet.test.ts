import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveAlias, runJob } from './support/admin-jobs.ts';
import { ConfigCopy } from './support/config-copy.ts';
import { TestFleet, configs, eventually } from './support/test-fleet.ts';

const startLimitMs = 300_000;
const tinyFile = join(configs.shipped, '../libs/tiny-model/model/parley-tiny.gguf');

const document = (name: string, spec: string): string => `apiVersion: parley/v1
kind: Model
metadata: { name: ${name}, version: 1.0.0 }
spec:
${spec}`;
const simulated = (tokens: number, aliases = ''): string =>
  `  engine: simulated
  firstTokenMs: 50
  tokenMs: 100
  tokens: ${tokens}
  aliases: [${aliases}]
  context: { tokens: 4096, slots: 256 }
`;

/** The bundled model's document, so that nothing loads it. */
const unused = (text: string): string =>
  text.replace('[default]', '[]').replace('engine: gguf', 'engine: gguf\n  load: { when: never }');

interface Overview {
  readonly data: readonly { name: string; digest: string; state: string }[];
  readonly aliases: readonly { alias: string; model: string; generation: number }[];
  readonly instances: readonly {
    instance: string;
    models: readonly { name: string; state: string; reason: string }[];
    aliases: readonly { alias: string; model: string; generation: number }[];
  }[];
}

interface Chunk {
  readonly model: string;
  readonly system_fingerprint: string;
  readonly choices: readonly { readonly finish_reason: string | null }[];
}

/** One answer as its client got it. */
interface Answer {
  readonly status: number;
  readonly chunks: readonly Chunk[];
  readonly comments: readonly string[];
  readonly done: boolean;
}

async function stream(fleet: TestFleet, model: string, content = 'Hi'): Promise<Answer> {
  const response = await fleet.post('/v1/chat/completions', {
    model,
    stream: true,
    max_tokens: 16,
    messages: [{ role: 'user', content }],
  });
  const lines = (await response.text()).split('\n');
  const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6));
  return {
    status: response.status,
    chunks: data.filter((line) => line !== '[DONE]').map((line) => JSON.parse(line) as Chunk),
    comments: lines.filter((line) => line.startsWith(': waiting: ')),
    done: data.at(-1) === '[DONE]',
  };
}

/** Which model an answer is from; fails unless it is whole and from one model, which its metadata names. */
function makerOf(answer: Answer, digests: ReadonlyMap<string, string>): string {
  expect(answer.status).toBe(200);
  expect(answer.done).toBe(true);
  expect(answer.chunks.at(-1)?.choices[0]?.finish_reason).toMatch(/stop|length/);
  const [model = '', ...others] = new Set(answer.chunks.map((chunk) => chunk.model));
  expect(others).toEqual([]);
  const prints = new Set(answer.chunks.map((chunk) => chunk.system_fingerprint));
  expect([...prints]).toEqual([digests.get(model)?.slice(0, 12)]);
  return model;
}

describe('a switch on three model processes', () => {
  const onOrder = (path: string, slots = 2): string => `  path: ${path}
  load: { when: never }
  context: { tokens: 1024, slots: ${slots} }
`;
  const config = new ConfigCopy();
  const streams = 30;
  const switches = 6;
  let fleet: TestFleet;
  beforeAll(async () => {
    config.write('models/first.yaml', document('first', simulated(12)));
    config.write('models/second.yaml', document('second', simulated(14)));
    config.write('models/missing.yaml', document('missing', onOrder('nowhere.gguf')));
    const bytes = readFileSync(tinyFile);
    config.write('models/corrupt.gguf', bytes.subarray(0, bytes.length / 2));
    config.write('models/corrupt.yaml', document('corrupt', onOrder('corrupt.gguf')));
    const numbers = bytes.length - 500_000;
    config.write('models/damaged.gguf', Buffer.from(bytes).fill(0xff, numbers, numbers + 400_000));
    config.write('models/damaged.yaml', document('damaged', onOrder('damaged.gguf')));
    config.write('models/half-00001-of-00002.gguf', bytes);
    config.write('models/half.yaml', document('half', onOrder('half-00001-of-00002.gguf')));
    config.write('models/huge.yaml', document('huge', onOrder(tinyFile, 64)));
    config.change('models/parley-tiny.yaml', unused);
    config.change('models/first.yaml', (text) => text.replace('aliases: []', 'aliases: [default]'));
    const env = { PARLEY_MODEL_MEMORY_MB: '40' };
    fleet = await TestFleet.start({ configDir: config.dir, replicas: { model: 3 }, env, startLimitMs });
  }, startLimitMs);
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    config[Symbol.dispose]();
  });
  const overview = (): Promise<Overview> => fleet.json('/admin/v1/models');
  const digests = async (): Promise<Map<string, string>> =>
    new Map((await overview()).data.map(({ name, digest }) => [name, digest]));

  it(
    'back and forth under load fails no answer, cuts none and mixes none',
    async () => {
      const answers: Answer[] = [];
      const stop = new AbortController();
      const client = async (): Promise<void> => {
        while (!stop.signal.aborted) answers.push(await stream(fleet, 'default'));
      };
      const clients = Array.from({ length: streams }, client);
      for (let round = 0; round < switches; round++)
        await moveAlias(fleet, 'default', round % 2 === 0 ? 'second' : 'first');
      stop.abort();
      await Promise.all(clients);
      const known = await digests();
      expect(new Set(answers.map((answer) => makerOf(answer, known)))).toEqual(new Set(['first', 'second']));
      expect(answers.length).toBeGreaterThan(streams);
    },
    startLimitMs,
  );

  it('is followed by every instance, which the admin API shows, and told once', async () => {
    await moveAlias(fleet, 'default', 'second');
    const { aliases, instances } = await eventually('all have said so', 10_000, async () => {
      const seen = await overview();
      const isThere = seen.instances.every((each) => each.aliases.some(({ model }) => model === 'second'));
      return seen.instances.length === 3 && isThere ? seen : undefined;
    });
    const generation = aliases.find(({ alias }) => alias === 'default')?.generation;
    for (const instance of instances) {
      expect(instance.aliases).toContainEqual({ alias: 'default', model: 'second', generation });
      expect(instance.models).toContainEqual(expect.objectContaining({ name: 'second', state: 'ready' }));
    }
    const makers = await Promise.all(Array.from({ length: 12 }, () => stream(fleet, 'default')));
    const known = await digests();
    expect(new Set(makers.map((answer) => makerOf(answer, known)))).toEqual(new Set(['second']));
    const { data } = await fleet.json<{ data: unknown[] }>(
      '/admin/v1/events?type=parley.model.switched.v1&limit=100',
    );
    expect(data).toHaveLength(switches + 1);
  });

  it.each([
    ['is not there', 'missing', /The weights file nowhere\.gguf does not exist/],
    ['is cut off', 'corrupt', /The weights file corrupt\.gguf cannot be read as GGUF: it is incomplete/],
    ['is damaged', 'damaged', /damaged\.gguf: .+/],
    ['lacks a shard', 'half', /"half" are split into 2 parts; missing: half-00002-of-00002\.gguf/],
    [
      'is more than memory holds',
      'huge',
      /"huge" needs about \d+ MiB .+ It would fit with \d+ slots of that context/,
    ],
  ])('to a model that %s leaves the alias everywhere, and says why', async (_what, model, why) => {
    const { aliases: before } = await overview();
    const job = await runJob(fleet, 'switch', { alias: 'default', model });
    expect(job.state).toBe('failed');
    expect(job.error?.message).toMatch(/^Instance \S+ could not load model /);
    expect(job.error?.message).toMatch(why);
    const { aliases, instances } = await overview();
    expect(aliases).toEqual(before);
    expect(instances).toHaveLength(3);
    for (const instance of instances)
      expect(before).toMatchObject(instance.aliases.map((stays) => ({ ...stays })));
    const makers = await Promise.all(Array.from({ length: 9 }, () => stream(fleet, 'default')));
    const known = await digests();
    const kept = before.find(({ alias }) => alias === 'default')?.model;
    expect(new Set(makers.map((answer) => makerOf(answer, known)))).toEqual(new Set([kept]));
  });

  it('is what the change of a file orders', async () => {
    config.change('models/first.yaml', (text) => text.replace('[default]', '[]'));
    config.change('models/second.yaml', (text) => text.replace('aliases: []', 'aliases: [default]'));
    await moveAlias(fleet, 'default', 'first');
    config.change('models/second.yaml', (text) => `${text}  queue: { maxRequests: 100 }\n`);
    await eventually('the file has won everywhere', 60_000, async () => {
      const { instances } = await overview();
      const isMoved = instances.every((each) =>
        each.aliases.some(({ alias, model }) => alias === 'default' && model === 'second'),
      );
      return isMoved ? true : undefined;
    });
    expect(makerOf(await stream(fleet, 'default'), await digests())).toBe('second');
  });
});

/** Starts that wait for a model, as dialogue shows it now. */
async function queuedStarts(fleet: TestFleet): Promise<number> {
  const metrics = await fleet.metrics('dialogue');
  return Number(/^parley_dialogue_model_queued\{.*\} (\d+)$/m.exec(metrics)?.[1] ?? Number.NaN);
}

describe('a switch for which memory does not hold both models', () => {
  const config = new ConfigCopy();
  let fleet: TestFleet;
  const gguf = (aliases: string, when: string): string =>
    `  path: ${tinyFile}
  aliases: [${aliases}]
  load: { when: ${when} }
  context: { tokens: 1024, slots: 8 }
`;
  beforeAll(async () => {
    config.write('models/old.yaml', document('old', gguf('default', 'start')));
    config.write('models/new.yaml', document('new', `${gguf('', 'never')}  profile: { stop: [never] }\n`));
    config.change('models/parley-tiny.yaml', unused);
    const env = { PARLEY_MODEL_MEMORY_MB: '40', PARLEY_STREAM_HEADERS_HELD_MS: '0' };
    fleet = await TestFleet.start({ configDir: config.dir, env, startLimitMs });
  }, startLimitMs);
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    config[Symbol.dispose]();
  });

  it('lets clients wait, who are told why and how long; none fails', async () => {
    expect((await stream(fleet, 'default')).chunks[0]?.model).toBe('old');
    const switching = runJob(fleet, 'switch', { alias: 'default', model: 'new' });
    const answers: Answer[] = [];
    const queued: number[] = [];
    for (let seen = ''; seen !== 'new';) {
      const answering = stream(fleet, 'default');
      const over = answering.then(() => 'over');
      while ((await Promise.race([over, sleep(20)])) !== 'over') queued.push(await queuedStarts(fleet));
      const answer = await answering;
      answers.push(answer);
      seen = answer.chunks[0]?.model ?? '';
      expect([answer.status, answer.done]).toEqual([200, true]);
    }
    expect(await switching).toMatchObject({
      state: 'succeeded',
      notes: [expect.stringMatching(/^Too little memory for both: old goes before new comes/)],
    });
    const comments = answers.flatMap((answer) => answer.comments);
    expect(comments.length).toBeGreaterThan(0);
    for (const comment of comments) expect(comment).toMatch(/^: waiting: .+; about \d+ s$/);
    expect(Math.max(...queued)).toBe(1);
    expect(await queuedStarts(fleet)).toBe(0);
  }, 120_000);
});
