import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineRequest, SamplingSettings } from '../src/ports/engine.ts';
import { bundledSpec, withoutEnd } from './support/bundled-model.ts';
import type { Heard } from './support/hear.ts';
import { ask, RunningEngine } from './support/running-engine.ts';

describe('sampling in the stepper, on the bundled model', () => {
  const running = new RunningEngine();
  const question = 'Hello! What can you do for me?';
  const answer = (sampling: SamplingSettings, change: Partial<EngineRequest> = {}): Promise<Heard> =>
    running.answer(ask(question, { sampling, maxOutputTokens: 16, ...change }));
  let greedy: Heard;

  beforeAll(async () => {
    await running.load(bundledSpec({ contextTokens: 256, slots: 4 }));
    greedy = await answer({ temperature: 0 });
  });
  afterAll(() => running[Symbol.asyncDispose]());

  it('draws by its temperature and seed', async () => {
    const [one, same, other, tame] = await Promise.all([
      answer({ temperature: 2, seed: 1 }),
      answer({ temperature: 2, seed: 1 }),
      answer({ temperature: 2, seed: 2 }),
      answer({ temperature: 0.01, seed: 3 }),
    ]);
    expect(one.text).toBe(same.text);
    expect(one.text).not.toBe(other.text);
    expect(one.text).not.toBe(greedy.text);
    expect(tame.text).toBe(greedy.text);
  });

  it.each([{ topK: 1 }, { topP: 0.001 }, { minP: 1 }])(
    'leaves only the likeliest token with %j',
    async (cut) => {
      expect((await answer({ temperature: 2, seed: 1, ...cut })).tokenIds).toEqual(greedy.tokenIds);
    },
  );

  it.each([{ frequencyPenalty: 2 }, { presencePenalty: 2 }, { repeatPenalty: 3 }])(
    'repeats itself less with %j',
    async (penalty) => {
      const long = { maxOutputTokens: 60 };
      const { sampling } = withoutEnd;
      const [plain, varied] = await Promise.all([
        answer(sampling, long),
        answer({ ...sampling, ...penalty }, long),
      ]);
      expect(new Set(varied.tokenIds).size).toBeGreaterThan(new Set(plain.tokenIds).size);
    },
  );

  it('says what it is biased to, and never what it is biased from', async () => {
    const [first = 0] = greedy.tokenIds;
    const forced = await answer({ temperature: 0, logitBias: [[first, 100]] }, { maxOutputTokens: 5 });
    expect(forced.tokenIds).toEqual(Array.from({ length: 5 }, () => first));
    const barred = await answer({ temperature: 0, logitBias: [[first, -100]] });
    expect(barred.tokenIds).not.toContain(first);
  });

  it('ends before a stop string that lies in two tokens, and says nothing of it', async () => {
    const { text } = greedy;
    // Words begin with their space, so that the end of one and the next lie in two tokens.
    const space = text.indexOf(' ', Math.floor(text.length / 3));
    const stop = text.slice(space - 1, space + 2);
    const heard = await answer({ temperature: 0 }, { stop: [stop] });
    expect(heard).toMatchObject({ text: text.slice(0, text.indexOf(stop)), finished: { reason: 'stop' } });
    expect(heard.chunks.join('')).toBe(heard.text);
  });

  it('ends at its limit of tokens', async () => {
    const { finished, tokenIds } = await answer({ temperature: 0 }, { maxOutputTokens: 3 });
    expect(finished).toMatchObject({ reason: 'length', outputTokens: 3 });
    expect(tokenIds).toHaveLength(3);
  });

  it('keeps to a JSON schema, drawn or greedy', async () => {
    const properties = { city: { enum: ['Paris', 'Rome'] }, count: { type: 'integer' } };
    const schema = JSON.stringify({ type: 'object', properties, required: ['city', 'count'] });
    const form = { kind: 'json-schema', schema } as const;
    for (const sampling of [{ temperature: 0 }, { temperature: 2, seed: 5 }]) {
      const heard = await answer(sampling, { form, maxOutputTokens: 60 });
      expect(heard.finished?.reason).toBe('stop');
      const { city, count } = JSON.parse(heard.text) as Record<string, unknown>;
      expect(['Paris', 'Rome']).toContain(city);
      expect(count).toBeTypeOf('number');
    }
  });

  it('keeps to a GBNF grammar, and refuses one that is none', async () => {
    const grammar = 'root ::= "The answer is " [0-9] [0-9] "."';
    const heard = await answer(
      { temperature: 2, seed: 4 },
      { form: { kind: 'gbnf', grammar }, maxOutputTokens: 40 },
    );
    expect(heard.text).toMatch(/^The answer is \d\d\.$/);
    expect(heard.finished?.reason).toBe('stop');
    const broken = await answer({ temperature: 0 }, { form: { kind: 'gbnf', grammar: 'root ::= ("a"' } });
    expect(broken.error).toMatchObject({ code: 'invalid_request', param: 'format.gbnf.grammar' });
  });

  it('never splits a character, however many tokens it takes', async () => {
    const grammar = 'root ::= "你好，世界 👋🏽 é ñ"';
    const heard = await answer({ temperature: 0 }, { form: { kind: 'gbnf', grammar }, maxOutputTokens: 60 });
    expect(heard.text).toBe('你好，世界 👋🏽 é ñ');
    expect(heard.tokenIds.length).toBeGreaterThan(10);
    for (const chunk of heard.chunks) expect(chunk.isWellFormed()).toBe(true);
  });

  it('refuses a token that is not in the vocabulary', async () => {
    const { error } = await answer({ temperature: 0, logitBias: [[10_000_000, 1]] });
    expect(error).toMatchObject({ code: 'invalid_request', param: 'sampling.logit_bias' });
  });
});
