import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, EngineRequest, LoadedModel, ModelSpec } from '../../src/ports/engine.ts';
import { hear } from '../support/hear.ts';

/** An engine under test, with a model that it can load. */
export interface EngineFixture extends AsyncDisposable {
  readonly engine: Engine;
  /** How the model is loaded: 1024 tokens of context, 2 slots. */
  readonly spec: ModelSpec;
  /** What makes an answer go on until its limit of tokens, and take some hundred milliseconds for 300 of them. */
  readonly long: Partial<EngineRequest>;
}

const neverAborts = new AbortController().signal;

/** A question that every model answers with some words. */
function ask(content: string, change: Partial<EngineRequest> = {}): EngineRequest {
  return {
    messages: [{ role: 'user', content }],
    sampling: { temperature: 0 },
    form: { kind: 'text' },
    maxOutputTokens: 24,
    stop: [],
    priority: 0,
    ...change,
  };
}

/**
 * What the service relies on with every engine. Call it in a test file, once per engine; `start` is called once.
 * @param skip the reason why the engine cannot run here
 */
export function engineContract(name: string, start: () => Promise<EngineFixture>, skip?: string): void {
  const title = `an engine, ${name}${skip === undefined ? '' : ` (skipped: ${skip})`}`;
  describe.skipIf(skip !== undefined)(title, () => {
    let fixture: EngineFixture;
    let model: LoadedModel;
    beforeAll(async () => {
      fixture = await start();
      model = await fixture.engine.load(fixture.spec, { signal: neverAborts });
    }, 120_000);
    afterAll(async () => {
      await model?.[Symbol.asyncDispose]();
      await fixture?.[Symbol.asyncDispose]();
    });
    const long = (): EngineRequest => ask('Tell me a story.', { maxOutputTokens: 300, ...fixture.long });
    answers(() => model);
    ends(() => model, long);
    slots(() => model, long);
    limits(
      () => fixture,
      () => model,
    );
    abilities(() => model);
    biasesAndVectors(() => model);
    unloading(() => fixture, long);
  });
}

function answers(model: () => LoadedModel): void {
  it('says that it has started, then text in whole characters, then how it ended', async () => {
    const kinds: string[] = [];
    const heard = await hear(model(), ask('Hello!'), neverAborts, ({ type }) => kinds.push(type));
    expect(heard.error).toBeUndefined();
    expect(kinds[0]).toBe('started');
    expect(kinds.at(-1)).toBe('finished');
    expect(kinds.filter((kind) => kind === 'chunk').length).toBe(kinds.length - 2);
    expect(heard.text).not.toBe('');
    for (const chunk of heard.chunks) expect(chunk.isWellFormed()).toBe(true);
    expect(heard.inputTokens).toBeGreaterThan(0);
    expect(heard.finished?.inputTokens).toBeGreaterThan(0);
    expect(heard.finished?.outputTokens).toBeGreaterThan(0);
    expect(heard.finished?.queueMs).toBeGreaterThanOrEqual(0);
  });

  it('says the same again to the same question and seed', async () => {
    const question = ask('Hello!', { sampling: { temperature: 0, seed: 7 } });
    expect((await hear(model(), question)).text).toBe((await hear(model(), question)).text);
  });

  it('takes a conversation with a system message', async () => {
    const messages: EngineRequest['messages'] = [
      { role: 'system', content: 'You are brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hi!' },
      { role: 'user', content: 'How are you?' },
    ];
    expect((await hear(model(), ask('', { messages }))).finished).toBeDefined();
  });
}

function ends(model: () => LoadedModel, long: () => EngineRequest): void {
  it('ends at the limit of tokens', async () => {
    const { finished } = await hear(model(), { ...long(), maxOutputTokens: 3 });
    expect(finished?.reason).toBe('length');
    expect(finished?.outputTokens).toBeLessThanOrEqual(3);
  });

  it('ends before a stop string', async () => {
    const { text } = await hear(model(), { ...long(), maxOutputTokens: 24 });
    const stop = text.slice(Math.floor(text.length / 2), Math.floor(text.length / 2) + 3);
    const heard = await hear(model(), { ...long(), maxOutputTokens: 24, stop: [stop] });
    expect(heard).toMatchObject({ text: text.slice(0, text.indexOf(stop)), finished: { reason: 'stop' } });
  });

  it('ends when its time is up: with an error before the first token, with what there is after it', async () => {
    const whole = await hear(model(), { ...long(), timeLimitMs: 60_000 });
    expect(whole.finished?.reason).toBe('length');
    const cut = await hear(model(), { ...long(), timeLimitMs: 1 });
    if (cut.error === undefined) expect(cut.finished?.reason).toBe('deadline');
    else expect(cut.error).toMatchObject({ code: 'deadline_exceeded' });
  });

  it('ends at once when it is cancelled, before or after its first token', async () => {
    const early = await hear(model(), long(), AbortSignal.abort());
    expect(early).toMatchObject({ text: '', error: { code: 'cancelled' } });
    const leaving = new AbortController();
    const late = await hear(model(), long(), leaving.signal, ({ type }) => {
      if (type === 'chunk') leaving.abort();
    });
    expect(late).toMatchObject({ finished: undefined, error: { code: 'cancelled' } });
  });
}

function slots(model: () => LoadedModel, long: () => EngineRequest): void {
  it('answers as many at once as it has slots; the others wait', async () => {
    const running = Array.from({ length: 4 }, () => hear(model(), { ...long(), maxOutputTokens: 40 }));
    const heard = await Promise.all(running);
    expect(heard.map(({ finished }) => finished?.reason)).toEqual(Array.from({ length: 4 }, () => 'length'));
    const waits = heard.map(({ finished }) => finished?.queueMs ?? 0);
    expect(Math.max(...waits)).toBeGreaterThan(Math.min(...waits));
  });

  it('frees the slot of whoever leaves', async () => {
    for (let turn = 0; turn < 4; turn++) {
      for await (const { type } of model().generate(long(), neverAborts)) if (type === 'chunk') break;
    }
    expect((await hear(model(), ask('Hello!'))).finished).toBeDefined();
  });
}

function limits(fixture: () => EngineFixture, model: () => LoadedModel): void {
  it('has the context and the slots it was loaded with, and refuses what does not fit', async () => {
    const { contextTokens, slots: count } = fixture().spec;
    expect(model()).toMatchObject({ contextTokens, slots: count });
    const kinds: string[] = [];
    const question = ask('word '.repeat(3 * contextTokens));
    const { error } = await hear(model(), question, neverAborts, ({ type }) => kinds.push(type));
    expect(error).toMatchObject({ code: 'context_length_exceeded', retryable: false });
    expect(kinds).toEqual([]);
    const greedy = await hear(model(), ask('Hi', { maxOutputTokens: contextTokens }));
    expect(greedy.error).toMatchObject({ code: 'context_length_exceeded' });
  });

  it('counts tokens', async () => {
    const { messages } = ask('Hello there');
    const counted = await model().countTokens({
      messages,
      texts: ['Hello there', '', 'Hello there, Hello there'],
    });
    const [once = 0, nothing, twice = 0] = counted.textTokens;
    expect(nothing).toBe(0);
    expect(once).toBeGreaterThan(0);
    expect(twice).toBeGreaterThan(once);
    expect(counted.messageTokens).toBeGreaterThan(once);
    expect(await model().countTokens({ messages: [], texts: [] })).toEqual({
      messageTokens: 0,
      textTokens: [],
    });
  });

  it('tells what memory it takes here', async () => {
    const { device, ...bytes } = await model().memory();
    expect(device).not.toBe('');
    for (const count of Object.values(bytes)) expect(count).toBeGreaterThanOrEqual(0);
  });
}

function abilities(model: () => LoadedModel): void {
  it('gives JSON where it says that it can, and refuses to where it cannot', async () => {
    const schema = JSON.stringify({
      type: 'object',
      properties: { a: { type: 'integer' } },
      required: ['a'],
    });
    const form = { kind: 'json-schema', schema } as const;
    const { text, error } = await hear(model(), ask('Give a as JSON.', { form, maxOutputTokens: 64 }));
    if (model().abilities.grammar) expect(JSON.parse(text)).toEqual({ a: expect.any(Number) });
    else expect(error).toMatchObject({ code: 'unsupported', param: 'format' });
  });

  it('calls the function that it must where it says that it can, and tells the call apart from text', async () => {
    const parameters = JSON.stringify({
      type: 'object',
      properties: { level: { type: 'integer' }, unit: { enum: ['C', 'F'] } },
      required: ['level', 'unit'],
    });
    const functions = [{ name: 'set_heating', description: 'Sets the heating.', parameters }];
    const tools = { functions, choice: { name: 'set_heating' }, single: false } as const;
    // Others are kept from it by who calls the engine.
    if (!model().abilities.tools) return;
    const { text, calls, finished, error } = await hear(
      model(),
      ask('20 degrees.', { tools, maxOutputTokens: 96 }),
    );
    expect(error).toBeUndefined();
    expect(text).toBe('');
    expect(calls).toMatchObject([{ id: expect.stringMatching(/./), name: 'set_heating' }]);
    expect(JSON.parse(calls[0]?.arguments ?? '')).toEqual({
      level: expect.any(Number),
      unit: expect.stringMatching(/^[CF]$/),
    });
    expect(finished?.reason).toBe('tool-calls');
  });
}

function biasesAndVectors(model: () => LoadedModel): void {
  it('heeds a bias on tokens where it says that it can, and refuses it where it cannot', async () => {
    const biased = ask('Hello!', {
      sampling: { temperature: 0, logitBias: [[5, -100]] },
      asked: ['logitBias'],
    });
    const { finished, error } = await hear(model(), biased);
    if (model().abilities.logitBias) expect(finished).toBeDefined();
    else expect(error).toMatchObject({ code: 'unsupported', param: 'sampling.logit_bias' });
  });

  it('makes vectors of length 1 where it says that it can', async () => {
    const loaded = model();
    if (!loaded.abilities.embeddings) {
      const refused = loaded.embed?.(['a'], neverAborts) ?? Promise.reject(new Error('no embeddings'));
      return expect(refused).rejects.toThrow(/embeddings/);
    }
    const made = await loaded.embed?.(['a quiet river', 'a market'], neverAborts);
    expect(made?.vectors).toHaveLength(2);
    for (const vector of made?.vectors ?? []) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });
}

function unloading(fixture: () => EngineFixture, long: () => EngineRequest): void {
  it('ends what runs when it is unloaded, and takes nothing more', async () => {
    const { engine, spec } = fixture();
    const leaving = await engine.load({ ...spec, name: `${spec.name}-2` }, { signal: neverAborts });
    const unloads: Promise<void>[] = [];
    const { error } = await hear(leaving, long(), neverAborts, ({ type }) => {
      if (type === 'chunk') unloads.push(Promise.resolve(leaving[Symbol.asyncDispose]()));
    });
    expect(error).toMatchObject({ code: 'model_not_ready', retryable: true });
    await Promise.all(unloads);
    expect((await hear(leaving, ask('Hi'))).error).toMatchObject({ code: 'model_not_ready' });
  });

  it('does not load what nobody wants any more', async () => {
    const { engine, spec } = fixture();
    await expect(engine.load(spec, { signal: AbortSignal.abort() })).rejects.toThrow();
  });
}
