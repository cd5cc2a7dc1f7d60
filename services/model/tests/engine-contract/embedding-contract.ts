import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Embeddings, Engine, LoadedModel, ModelSpec } from '../../src/ports/engine.ts';

/** An engine under test, with a model that makes vectors. */
export interface EmbeddingFixture extends AsyncDisposable {
  readonly engine: Engine;
  /** How the model is loaded: 512 tokens of context. */
  readonly spec: ModelSpec;
}

const neverAborts = new AbortController().signal;

async function embed(
  model: LoadedModel,
  texts: readonly string[],
  signal = neverAborts,
): Promise<Embeddings> {
  const made = await model.embed?.(texts, signal);
  if (made === undefined) throw new Error('The model has no embed.');
  return made;
}

function product(a: readonly number[] = [], b: readonly number[] = []): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

/**
 * What the service relies on with every engine that makes vectors. Call it in a test file, once per engine.
 * @param skip the reason why the engine cannot run here
 */
export function embeddingContract(name: string, start: () => Promise<EmbeddingFixture>, skip?: string): void {
  const title = `an engine that makes vectors, ${name}${skip === undefined ? '' : ` (skipped: ${skip})`}`;
  describe.skipIf(skip !== undefined)(title, () => {
    let fixture: EmbeddingFixture;
    let model: LoadedModel;
    beforeAll(async () => {
      fixture = await start();
      model = await fixture.engine.load(fixture.spec, { signal: neverAborts });
    }, 120_000);
    afterAll(async () => {
      await model?.[Symbol.asyncDispose]();
      await fixture?.[Symbol.asyncDispose]();
    });
    vectors(() => model);
    limits(() => model);
    it('takes nothing more once it is unloaded', async () => {
      const { engine, spec } = fixture;
      const leaving = await engine.load({ ...spec, name: `${spec.name}-2` }, { signal: neverAborts });
      await leaving[Symbol.asyncDispose]();
      await expect(embed(leaving, ['a'])).rejects.toMatchObject({ code: 'model_not_ready', retryable: true });
    });
  });
}

function vectors(model: () => LoadedModel): void {
  it('says that it can, and makes a vector of length 1 for each text, in order', async () => {
    expect(model().abilities.embeddings).toBe(true);
    const texts = ['a quiet river', 'a market in the morning, with many people', 'fish'];
    const { vectors: together, inputTokens } = await embed(model(), texts);
    expect(together).toHaveLength(3);
    expect(inputTokens).toBeGreaterThanOrEqual(3);
    for (const vector of together) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    for (const [index, text] of texts.entries()) {
      const [alone] = (await embed(model(), [text])).vectors;
      // Numbers of 8 bits are scaled by the whole batch, so a text's neighbours show in the last digits.
      expect(product(alone, together[index])).toBeGreaterThan(0.999);
    }
  });

  it('takes many texts of every length at once', async () => {
    const texts = Array.from({ length: 150 }, (_, index) => 'word '.repeat((index % 20) + 1).trim());
    const { vectors: made } = await embed(model(), texts);
    expect(made).toHaveLength(texts.length);
    expect(product(made[0], made[20])).toBeGreaterThan(0.999);
  });
}

function limits(model: () => LoadedModel): void {
  it('refuses a text that is longer than its context and says which', async () => {
    await expect(embed(model(), ['a', 'word '.repeat(600), 'b'])).rejects.toMatchObject({
      code: 'context_length_exceeded',
      param: 'texts[1]',
      message: expect.stringMatching(/^texts\[1\] has \d+ tokens; .* holds 512\.$/),
    });
  });

  it('makes nothing for who has left', async () => {
    await expect(embed(model(), ['a'], AbortSignal.abort())).rejects.toThrow();
  });

  it('counts the tokens of texts', async () => {
    const { textTokens } = await model().countTokens({ messages: [], texts: ['Hello there', '', 'Hello'] });
    expect(textTokens).toEqual([2, 0, 1]);
  });

  it('tells what memory it takes here', async () => {
    const { weightsBytes, device } = await model().memory();
    expect(device).toBe('cpu');
    expect(weightsBytes).toBeGreaterThanOrEqual(0);
  });
}
