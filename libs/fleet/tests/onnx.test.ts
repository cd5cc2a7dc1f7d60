import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runJob } from './support/admin-jobs.ts';
import { ConfigCopy } from './support/config-copy.ts';
import { TestFleet } from './support/test-fleet.ts';

const root = join(import.meta.dirname, '../../..');
const cache = process.env['PARLEY_MODEL_CACHE'] ?? join(homedir(), '.cache/parley/models');
const needed = [
  join(root, 'engines/onnx/node_modules/onnxruntime-node'),
  join(cache, 'all-minilm-l6-v2/onnx/model_quantized.onnx'),
];
const isSkipped = !needed.every((path) => existsSync(path)) && process.env['CI'] !== 'true';
const reason = isSkipped ? ' (skipped: npm run provision brings engine and model)' : '';

const answering = (folder: string): string => `apiVersion: parley/v1
kind: Model
metadata: { name: tiny-onnx, version: 1.0.0 }
spec:
  engine: onnx
  path: ${folder}
  aliases: [default]
  context: { tokens: 2048, slots: 4 }
`;

const minilm = 'all-minilm-l6-v2';

describe.skipIf(isSkipped)(`a fleet with models on onnxruntime${reason}`, () => {
  const config = new ConfigCopy();
  let fleet: TestFleet;
  beforeAll(async () => {
    config.change('models/parley-tiny.yaml', (text) =>
      text.replace('aliases: [default]', 'aliases: []\n  load: { when: never }'),
    );
    const exporter = join(root, 'libs/tiny-model/export-onnx.mjs');
    const folder = execFileSync(process.execPath, [exporter], { encoding: 'utf8' }).trim();
    config.write('models/tiny-onnx.yaml', answering(folder));
    fleet = await TestFleet.start({ configDir: config.dir });
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    config[Symbol.dispose]();
  });

  it('streams the answers of a transformer', async () => {
    const messages = [{ role: 'user' as const, content: 'My name is Mara.' }];
    const stream = await fleet.openai.chat.completions.create({ model: 'default', messages, stream: true });
    let text = '';
    for await (const { choices, model } of stream) {
      expect(model).toBe('tiny-onnx');
      text += choices[0]?.delta.content ?? '';
    }
    expect(text).toBe('Nice to meet you, Mara.');
  });

  it('makes vectors with a model of the catalogue', async () => {
    const pulled = await runJob(fleet, 'pull', { source: minilm });
    expect(pulled).toMatchObject({ state: 'succeeded', error: null });
    const loaded = await runJob(fleet, 'load', { model: minilm });
    expect(loaded).toMatchObject({ state: 'succeeded', error: null });
    const input = ['How do I reset my password?', 'I forgot my login credentials.', 'Bread and butter'];
    const { data, usage } = await fleet.openai.embeddings.create({ model: minilm, input });
    const [one = [], two = [], three = []] = data.map(({ embedding }) => embedding);
    const near = (a: readonly number[], b: readonly number[]): number =>
      a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
    expect(one).toHaveLength(384);
    expect(near(one, two)).toBeGreaterThan(0.45);
    expect(near(one, three)).toBeLessThan(0.2);
    expect(usage.prompt_tokens).toBeGreaterThan(input.length);
    const tooLong = await fleet.post('/v1/embeddings', { model: minilm, input: ['a', 'word '.repeat(600)] });
    expect(tooLong.status).toBe(400);
    expect(await tooLong.json()).toMatchObject({
      error: {
        code: 'context_length_exceeded',
        param: 'input[1]',
        message: expect.stringContaining('input[1]'),
      },
    });
  });

  it('says which of them answer and which make vectors', async () => {
    const messages = [{ role: 'user', content: 'Hello' }];
    const asked = await fleet.post('/v1/chat/completions', { model: minilm, messages });
    expect(asked.status).toBe(400);
    expect(await asked.text()).toContain('it does not answer');
    const refused = await fleet.post('/v1/embeddings', { model: 'tiny-onnx', input: 'Hello' });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('makes no embeddings');
  });
});
