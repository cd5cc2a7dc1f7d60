import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage, EngineRequest } from '../src/ports/engine.ts';
import { bundledSpec } from './support/bundled-model.ts';
import { describeWithSmolLm } from './support/real-model.ts';
import { ask, RunningEngine } from './support/running-engine.ts';
import { twoTools } from './support/two-tools.ts';

/** The result of a call, as the next request brings it. */
const answered: readonly ChatMessage[] = [
  { role: 'user', content: 'How is the weather in Rome?' },
  {
    role: 'assistant',
    content: '',
    toolCalls: [{ id: 'call_1', name: 'weather', arguments: '{"city":"Rome","days":1}' }],
  },
  { role: 'tool', content: 'sunny', toolCallId: 'call_1' },
];

function request(tools: Partial<EngineRequest['tools']> = {}): EngineRequest {
  return ask('How is the weather in Rome?', { tools: { ...twoTools, ...tools }, maxOutputTokens: 120 });
}

function describeCalls(running: RunningEngine): void {
  it('a call of a named function has arguments of its schema, given in pieces', async () => {
    const pieces: string[] = [];
    const heard = await running.answer(request({ choice: { name: 'weather' } }), undefined, (update) => {
      if (update.type === 'tool-call') pieces.push(update.arguments);
    });
    expect(heard.error).toBeUndefined();
    expect(heard.text).toBe('');
    expect(heard.finished).toMatchObject({ reason: 'tool-calls', outputTokens: heard.tokenIds.length });
    const [call] = heard.calls;
    expect(call).toMatchObject({ id: expect.stringMatching(/^call_/), name: 'weather' });
    expect(JSON.parse(call?.arguments ?? '')).toEqual({
      city: expect.stringMatching(/^(Rome|Paris)$/),
      days: expect.any(Number),
    });
    expect(pieces.join('')).toBe(call?.arguments);
  });

  it('a call of any function is one of those there are', async () => {
    const { calls, finished, error } = await running.answer(request({ choice: 'required' }));
    expect(error).toBeUndefined();
    expect(finished?.reason).toBe('tool-calls');
    expect(calls).toHaveLength(1);
    expect(['weather', 'time']).toContain(calls[0]?.name);
    expect(JSON.parse(calls[0]?.arguments ?? '')).toBeTypeOf('object');
  });
}

/** What needs no larger model. */
function describeConversation(running: RunningEngine): void {
  it('a call that is cut by the limit is given as far as it came', async () => {
    const short = { ...request({ choice: { name: 'weather' } }), maxOutputTokens: 2 };
    const { calls, finished } = await running.answer(short);
    expect(finished?.reason).toBe('length');
    expect(() => JSON.parse(calls[0]?.arguments ?? '')).toThrow();
  });

  it('a conversation with a call and its result is read, and answered in words', async () => {
    const told = { ...request(), messages: answered, maxOutputTokens: 8 };
    const { text, error, inputTokens } = await running.answer(told);
    expect(error).toBeUndefined();
    expect(text).not.toBe('');
    const { messageTokens } = await running.model.countTokens({
      messages: answered,
      tools: twoTools,
      texts: [],
    });
    expect(messageTokens).toBe(inputTokens);
    const { messageTokens: without } = await running.model.countTokens({ messages: answered, texts: [] });
    expect(without).toBeLessThan(messageTokens);
  });
}

describe('functions on the bundled model', () => {
  const running = new RunningEngine();
  beforeAll(async () => {
    await running.load(bundledSpec({ contextTokens: 2048, slots: 2 }));
    expect(running.model.abilities.tools).toBe(true);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
  });

  describeCalls(running);
  describeConversation(running);

  it('is refused where the schema cannot be enforced, and beside a set form', async () => {
    const parameters = JSON.stringify({ type: 'object', properties: { a: { not: {} } } });
    const tools = { functions: [{ name: 'f', description: '', parameters }], choice: 'required' } as const;
    expect((await running.answer(request(tools))).error).toMatchObject({
      code: 'unsupported',
      param: 'tools',
    });
    const both = { ...request(), form: { kind: 'json-object' } } as const;
    expect((await running.answer(both)).error).toMatchObject({ code: 'unsupported', param: 'format' });
  });
});

describeWithSmolLm('functions on SmolLM2', () => {
  const running = new RunningEngine();
  beforeAll(async () => {
    await running.load({ contextTokens: 2048, slots: 2 });
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
  });

  describeCalls(running);
});
