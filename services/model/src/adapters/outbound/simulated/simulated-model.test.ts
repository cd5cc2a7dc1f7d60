import { describe, expect, it } from 'vitest';
import type { EngineRequest, EngineUpdate, LoadedModel, ModelSpec } from '../../../ports/engine.ts';
import { SimulatedEngine } from './simulated-engine.ts';

const { signal } = new AbortController();

function load(settings: Record<string, number>, change: Partial<ModelSpec> = {}): Promise<LoadedModel> {
  const spec: ModelSpec = {
    name: 'sim',
    path: '',
    settings,
    proven: false,
    contextTokens: 1000,
    slots: 2,
    maxQueued: 10,
    promptTokensPerStep: 128,
    systemRole: true,
    ...change,
  };
  return new SimulatedEngine().load(spec, { signal });
}

function request(change: Partial<EngineRequest> = {}): EngineRequest {
  return {
    messages: [{ role: 'user', content: 'one two three' }],
    sampling: { temperature: 0 },
    form: { kind: 'text' },
    maxOutputTokens: 0,
    stop: [],
    priority: 0,
    ...change,
  };
}

async function heard(updates: AsyncIterable<EngineUpdate>) {
  let text = '';
  let tokens = 0;
  let finished: Extract<EngineUpdate, { type: 'finished' }> | undefined;
  for await (const update of updates) {
    if (update.type === 'chunk') text += update.text;
    if (update.type === 'chunk') tokens += update.tokenIds.length;
    if (update.type === 'finished') finished = update;
  }
  return { text, tokens, finished };
}

const quick = { firstTokenMs: 0, tokenMs: 0, tokens: 20, jitter: 0 };

describe('a simulated answer', () => {
  it('has as many tokens as its settings say, and they are counted', async () => {
    const { text, tokens, finished } = await heard((await load(quick)).generate(request(), signal));
    expect(tokens).toBe(20);
    expect(text).toMatch(/^This is a simulated answer\. \w/);
    expect(finished).toMatchObject({ reason: 'stop', inputTokens: 4, outputTokens: 20 });
  });

  it('ends before a stop string, and at the limit of tokens', async () => {
    const model = await load(quick);
    const stopped = await heard(model.generate(request({ stop: ['simul'] }), signal));
    expect(stopped).toMatchObject({ text: 'This is a ', finished: { reason: 'stop', outputTokens: 4 } });
    const cut = await heard(model.generate(request({ maxOutputTokens: 2 }), signal));
    expect(cut).toMatchObject({ text: 'This is', finished: { reason: 'length', outputTokens: 2 } });
  });

  it('takes the time that its settings say', async () => {
    const model = await load({ ...quick, firstTokenMs: 60, tokenMs: 5, jitter: 0.5 });
    const startedAt = performance.now();
    expect((await heard(model.generate(request(), signal))).tokens).toBe(20);
    expect(performance.now() - startedAt).toBeGreaterThan(60 / 2 + (19 * 5) / 2 - 5);
  });

  it('is refused where the prompt leaves no room, and for what it cannot do', async () => {
    const model = await load(quick, { contextTokens: 10 });
    const fails = (change: Partial<EngineRequest>) => heard(model.generate(request(change), signal));
    await expect(fails({ maxOutputTokens: 7 })).rejects.toMatchObject({ code: 'context_length_exceeded' });
    await expect(fails({ form: { kind: 'json-object' } })).rejects.toMatchObject({ param: 'format' });
    await expect(fails({ sampling: { temperature: 0, logitBias: [[1, 1]] } })).rejects.toMatchObject({
      code: 'unsupported',
    });
    expect((await fails({})).finished).toMatchObject({ reason: 'length', outputTokens: 6 });
  });

  it('ends when its caller leaves, when its time is up, and when the model goes', async () => {
    const model = await load({ ...quick, tokenMs: 10, tokens: 10_000 }, { contextTokens: 100_000 });
    const leaving = new AbortController();
    const left = heard(model.generate(request(), leaving.signal));
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    const late = await heard(model.generate(request({ timeLimitMs: 60 }), signal));
    expect(late.finished?.reason).toBe('deadline');
    const slow = await load({ ...quick, firstTokenMs: 10_000 });
    const never = heard(slow.generate(request({ timeLimitMs: 20 }), signal));
    await expect(never).rejects.toMatchObject({ code: 'deadline_exceeded' });
    const orphaned = heard(model.generate(request(), signal));
    await model[Symbol.asyncDispose]();
    await expect(orphaned).rejects.toMatchObject({ code: 'model_not_ready' });
  });

  it('waits for one of the slots: higher priority first, and no longer than its time', async () => {
    const model = await load({ ...quick, firstTokenMs: 80, tokens: 1 }, { slots: 1 });
    const order: string[] = [];
    const ask = async (name: string, change: Partial<EngineRequest> = {}) => {
      const { finished } = await heard(model.generate(request(change), signal));
      order.push(name);
      return finished?.queueMs ?? 0;
    };
    const first = ask('first');
    const second = ask('second');
    const urgent = ask('urgent', { priority: 1 });
    const hurried = ask('hurried', { timeLimitMs: 20 });
    await expect(hurried).rejects.toMatchObject({ code: 'deadline_exceeded' });
    await first;
    expect(await urgent).toBeGreaterThan(40);
    await second;
    expect(order).toEqual(['first', 'urgent', 'second']);
  });

  it('is refused settings that are none', async () => {
    await expect(load({ tokenMs: -1 })).rejects.toMatchObject({ code: 'config_invalid' });
  });
});
