import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveAlias, runJob } from './support/admin-jobs.ts';
import { ConfigCopy } from './support/config-copy.ts';
import { TestFleet, configs, noRealModel, onRealModel } from './support/test-fleet.ts';

const tiny = 'parley-tiny';
const big = 'smollm2-135m';
const streams = 50;
const switches = 10;

interface Chunk {
  readonly model: string;
  readonly system_fingerprint: string;
  readonly choices: { readonly delta: { content?: string }; readonly finish_reason: string | null }[];
  readonly error?: unknown;
}

const broken = (name: string, path: string): string => `apiVersion: parley/v1
kind: Model
metadata: { name: ${name}, version: 1.0.0 }
spec:
  engine: gguf
  path: ${path}
  load: { when: never }
  context: { tokens: 512, slots: 2 }
`;

/** Models are changed while people talk: the bundled one and the real SmolLM2. */
describe.skipIf(noRealModel !== undefined)(onRealModel('a switch under traffic'), () => {
  const config = new ConfigCopy();
  let fleet: TestFleet;
  beforeAll(async () => {
    const weights = join(config.dir, 'models');
    config.write('models/missing.yaml', broken('missing', 'nowhere.gguf'));
    config.write('models/foreign.yaml', broken('foreign', 'foreign.gguf'));
    writeFileSync(join(weights, 'foreign.gguf'), 'This is no model.\n'.repeat(100));
    config.write('models/cut-off.yaml', broken('cut-off', 'cut-off.gguf'));
    const whole = readFileSync(join(configs.shipped, '../libs/tiny-model/model/parley-tiny.gguf'));
    writeFileSync(join(weights, 'cut-off.gguf'), whole.subarray(0, 400_000));
    // On a busy machine 50 prompts of the real model take their time.
    const env = { PARLEY_FIRST_CHUNK_TIMEOUT_MS: '110000', PARLEY_FIRST_TOKEN_TIMEOUT_MS: '110000' };
    fleet = await TestFleet.start({ configDir: config.dir, env });
  });
  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
    config[Symbol.dispose]();
  });

  const parley = async (...args: string[]): Promise<string> => {
    const env = { ...process.env, PARLEY_URL: fleet.fleet.url, PARLEY_API_KEY: fleet.fleet.apiKey };
    const script = join(import.meta.dirname, '../../cli/bin/parley.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { env });
    return stdout;
  };

  async function chunksOf(content: string): Promise<{ status: number; chunks: Chunk[]; done: boolean }> {
    const response = await fleet.post('/v1/chat/completions', {
      model: 'default',
      stream: true,
      max_tokens: 8,
      messages: [{ role: 'user', content }],
    });
    const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: '));
    const chunks = lines
      .filter((line) => line !== 'data: [DONE]')
      .map((line) => JSON.parse(line.slice(6)) as Chunk);
    return { status: response.status, chunks, done: lines.at(-1) === 'data: [DONE]' };
  }

  async function digests(): Promise<Map<string, string>> {
    const { data } = await fleet.json<{ data: { name: string; digest: string }[] }>('/admin/v1/models');
    return new Map(data.map(({ name, digest }) => [name, digest.slice(0, 12)]));
  }

  it('back and forth ten times under 50 streams fails none, cuts none, and mixes none', async () => {
    const answers: Awaited<ReturnType<typeof chunksOf>>[] = [];
    const stop = new AbortController();
    const client = async (): Promise<void> => {
      while (!stop.signal.aborted) answers.push(await chunksOf('Hi'));
    };
    const clients = Array.from({ length: streams }, client);
    for (let i = 0; i < switches; i++) {
      const target = i % 2 === 0 ? big : tiny;
      if (i < 2) await parley('models', 'switch', 'default', target);
      else await moveAlias(fleet, 'default', target);
      const before = answers.length;
      // Until some were answered by it; a real model takes longer.
      while (answers.length < before + streams / 2) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    stop.abort();
    await Promise.all(clients);

    const fingerprints = await digests();
    const makers = answers.map(({ status, chunks, done }) => {
      expect(status).toBe(200);
      expect(done).toBe(true);
      expect(chunks.some((chunk) => chunk.error !== undefined)).toBe(false);
      expect(chunks.at(-1)?.choices[0]?.finish_reason).toMatch(/stop|length/);
      const models = new Set(chunks.map((chunk) => chunk.model));
      expect(models.size).toBe(1);
      const [model = ''] = models;
      for (const chunk of chunks) expect(chunk.system_fingerprint).toBe(fingerprints.get(model));
      return model;
    });
    expect(answers.length).toBeGreaterThan(streams * 2);
    expect(new Set(makers)).toEqual(new Set([tiny, big]));
  }, 600_000);

  it('can be rolled back', async () => {
    await moveAlias(fleet, 'default', big);
    expect((await runJob(fleet, 'rollback', { alias: 'default' })).state).toBe('succeeded');
    expect((await chunksOf('Hi')).chunks[0]?.model).toBe(tiny);
  });

  it.each([
    ['missing', /nowhere\.gguf/],
    ['foreign', /foreign\.gguf/],
    ['cut-off', /cut-off\.gguf/],
  ])('to a %s file leaves the alias and says what is wrong', async (model, reason) => {
    const job = await runJob(fleet, 'switch', { alias: 'default', model });
    expect(job.state).toBe('failed');
    expect(job.error?.message).toMatch(reason);
    expect((await chunksOf('Hi')).chunks[0]?.model).toBe(tiny);
  });

  it('is in the record and survives a restart of the model service', async () => {
    await moveAlias(fleet, 'default', big);
    const { data } = await fleet.json<{ data: { type: string; data: { alias?: string } }[] }>(
      '/admin/v1/events?type=parley.model.switched.v1&limit=100',
    );
    expect(data.at(-1)?.data.alias).toBe('default');
    fleet.fleet.kill('model', 0, 'SIGKILL');
    const answeredBy = async (): Promise<string> => {
      for (const until = Date.now() + 60_000; Date.now() < until;) {
        const { status, chunks } = await chunksOf('Hi').catch(() => ({ status: 0, chunks: [] }));
        if (status === 200 && chunks[0] !== undefined) return chunks[0].model;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error('no answer within 60 s');
    };
    expect(await answeredBy()).toBe(big);
    await moveAlias(fleet, 'default', tiny);
  });
});
