import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GgufEngine } from '../src/adapters/outbound/gguf/gguf-engine.ts';
import { engineEnvironment } from '../src/config.ts';
import type { ChatMessage, Engine, EngineRequest, ModelSpec } from '../src/ports/engine.ts';
import { bundledSpec } from './support/bundled-model.ts';
import { hear } from './support/hear.ts';
import type { Heard } from './support/hear.ts';
import { bundledOnnxSpec, noOnnx, onnxEngine } from './support/onnx-models.ts';

/** A hundred conversations that the model was not trained on, in English and Chinese, with and without system texts. */
const conversations = readFileSync(join(import.meta.dirname, 'fixtures/onnx/conversations.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as ChatMessage[]);

function request(messages: readonly ChatMessage[]): EngineRequest {
  const sampling = { temperature: 0 };
  return { messages, sampling, form: { kind: 'text' }, maxOutputTokens: 96, stop: [], priority: 0 };
}

/** One at a time: beside others llama.cpp rounds differently, and a close choice may fall the other way. */
async function answersOf(engine: Engine, spec: ModelSpec): Promise<Heard[]> {
  const model = await engine.load(
    { ...spec, slots: 1, maxQueued: 128 },
    { signal: new AbortController().signal },
  );
  return Promise.all(conversations.map((messages) => hear(model, request(messages))));
}

const title = `the bundled model as ONNX${noOnnx === undefined ? '' : ` (skipped: ${noOnnx})`}`;

describe.skipIf(noOnnx !== undefined)(title, () => {
  it('gives the same greedy answers as its GGUF, token by token', async () => {
    await using gguf = new GgufEngine({
      threads: 1,
      environment: engineEnvironment(1),
      onLog: () => undefined,
    });
    await using onnx = onnxEngine();
    const wanted = await answersOf(gguf, bundledSpec());
    const given = await answersOf(onnx, bundledOnnxSpec());
    expect(conversations).toHaveLength(100);
    const essence = ({ text, tokenIds, inputTokens, finished }: Heard): object => ({
      text,
      tokenIds,
      inputTokens,
      reason: finished?.reason,
    });
    expect(given.map(essence)).toEqual(wanted.map(essence));
    expect(new Set(given.map(({ text }) => text)).size).toBeGreaterThan(50);
    // Some 4,000 tokens: ten seconds on a quiet machine.
  }, 180_000);
});
