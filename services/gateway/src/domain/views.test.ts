import { describe, expect, it } from 'vitest';
import { message, sampleTurn, turnId } from '../../tests/support/samples.ts';
import { chatCompletion } from './chat-view.ts';
import { modelEntry, modelList } from './model-list.ts';
import { methodsOf } from './operations.ts';
import { eventList } from './record-views.ts';
import { requestIdOf, traceparentOf } from './request-identity.ts';
import { inputItemList } from './response-items.ts';
import { responseView } from './response-view.ts';
import { faultOf, faultOfChat } from './turn-outcome.ts';

describe('a finished turn as a chat completion', () => {
  it('has its text, its usage and where it comes from', () => {
    expect(chatCompletion(sampleTurn())).toMatchObject({
      object: 'chat.completion',
      model: 'parley-tiny',
      system_fingerprint: '0123456789ab',
      choices: [{ message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 11,
        completion_tokens: 2,
        total_tokens: 13,
        prompt_tokens_details: { cached_tokens: 3 },
      },
    });
  });
});

describe('a turn as a response', () => {
  it('has every field the official client’s types promise', () => {
    const view = responseView(sampleTurn());
    for (const field of [
      'id',
      'created_at',
      'error',
      'incomplete_details',
      'instructions',
      'metadata',
      'model',
      'object',
      'output',
      'parallel_tool_calls',
      'temperature',
      'tool_choice',
      'tools',
      'top_p',
      'status',
      'usage',
      'text',
      'access_programs',
    ]) {
      expect(view).toHaveProperty(field);
    }
    expect(view).toMatchObject({
      id: turnId,
      status: 'completed',
      completed_at: 1_800_000_001,
      usage: { total_tokens: 13 },
    });
  });

  it('has neither usage nor end while it runs', () => {
    const view = responseView(
      sampleTurn({ status: 'in_progress', usage: undefined, endedAtMs: undefined, output: [] }),
    );
    expect(view).toMatchObject({ status: 'in_progress', usage: null, completed_at: null, output: [] });
  });

  it('gives a schema back as it was sent', () => {
    const view = responseView(
      sampleTurn({ format: { kind: 'json_schema', name: 'a', schema: '{"type":"object"}' } }),
    );
    expect(view.text.format).toEqual({
      type: 'json_schema',
      name: 'a',
      schema: { type: 'object' },
      strict: true,
    });
  });
});

describe('the items of a turn’s input', () => {
  const input = ['a', 'b', 'c'].map((id) => message({ id, role: 'user', texts: [id] }));

  it('come newest first, and oldest first when asked', () => {
    expect(
      inputItemList(input, { order: 'desc', limit: 20, after: undefined }).data.map(({ id }) => id),
    ).toEqual(['c', 'b', 'a']);
    expect(inputItemList(input, { order: 'asc', limit: 20, after: undefined })).toMatchObject({
      first_id: 'a',
      last_id: 'c',
      has_more: false,
    });
  });

  it('come in pages', () => {
    expect(inputItemList(input, { order: 'asc', limit: 2, after: undefined })).toMatchObject({
      last_id: 'b',
      has_more: true,
    });
    expect(inputItemList(input, { order: 'asc', limit: 2, after: 'b' })).toMatchObject({
      first_id: 'c',
      has_more: false,
    });
    expect(inputItemList(input, { order: 'asc', limit: 2, after: 'nobody' })).toMatchObject({
      data: [],
      first_id: null,
    });
  });
});

describe('a turn that ended early', () => {
  it('is an answer of the Responses API if it has text, and the error that ended it else', () => {
    const withText = sampleTurn({ status: 'incomplete', incompleteReason: 'owner_lost' });
    expect(faultOf(withText)).toBeUndefined();
    expect(faultOf({ ...withText, output: [] })?.code).toBe('unavailable');
    expect(faultOf({ ...withText, output: [], incompleteReason: 'deadline' })?.code).toBe(
      'deadline_exceeded',
    );
    expect(faultOf({ ...withText, output: [], incompleteReason: 'model_lost' })?.code).toBe('engine_failed');
    expect(faultOf({ ...withText, output: [], incompleteReason: 'max_output_tokens' })).toBeUndefined();
  });

  it('is an error of a chat when it broke off, even with text', () => {
    expect(faultOfChat(sampleTurn({ status: 'incomplete', incompleteReason: 'owner_lost' }))?.code).toBe(
      'unavailable',
    );
    expect(faultOfChat(sampleTurn({ status: 'cancelled' }))?.code).toBe('cancelled');
    expect(faultOfChat(sampleTurn({ status: 'incomplete', incompleteReason: 'deadline' }))).toBeUndefined();
  });

  it('by an error of a newer version reads as an internal one', () => {
    const error = { code: 'made_up', message: 'x', param: '', retryable: false, retryAfterMs: 0 };
    expect(faultOf(sampleTurn({ status: 'failed', error }))).toMatchObject({
      code: 'internal',
      message: 'x',
    });
  });
});

describe('the models', () => {
  const models = [
    {
      name: 'tiny',
      digest: 'd',
      aliases: ['default'],
      state: 'ready',
      engine: 'gguf',
      contextTokens: 1024,
      slots: 4,
      busySlots: 0,
      fileBytes: 1000,
      createdAtMs: 1000,
      license: '',
      termsUrl: '',
      commercialUse: undefined,
      description: '',
      reason: '',
      lineage: undefined,
    },
  ] as const;

  it('are listed by name, then by alias', () => {
    expect(modelList(models).data.map(({ id, alias }) => [id, alias])).toEqual([
      ['tiny', false],
      ['default', true],
    ]);
  });

  it('that nobody has are answered with those there are', () => {
    expect(modelEntry(models, 'default').name).toBe('tiny');
    expect(() => modelEntry(models, 'gpt')).toThrow(/There are: tiny, default/);
  });
});

describe('a page of the record', () => {
  const event = {
    id: 'e',
    type: 't',
    source: 's',
    subject: 'x',
    occurredAtMs: 0,
    recordedAtMs: 0,
    tenant: 'default',
    topic: 'p',
    key: 'k',
    sequence: 0,
    turnId: '',
    cursor: 'c',
    data: '{"a":1}',
  };

  it('has the payloads as JSON, and as text where they are none', () => {
    expect(eventList([event, { ...event, data: '{' }], '').data.map(({ data }) => data)).toEqual([
      { a: 1 },
      '{',
    ]);
  });
});

describe('a path', () => {
  it('takes the methods of its operations', () => {
    expect(methodsOf('/v1/responses/resp_1')).toEqual(['GET', 'HEAD', 'DELETE']);
    expect(methodsOf('/v1/responses/')).toEqual([]);
    expect(methodsOf('/v1/responses/a/b')).toEqual([]);
  });
});

describe('what a request says about itself', () => {
  it('is kept where it is sane', () => {
    expect(requestIdOf('abc-1')).toBe('abc-1');
    for (const insane of [undefined, '', 'a b', 'a\nb', 'x'.repeat(129), ['a']])
      expect(requestIdOf(insane)).toMatch(/^req_[0-9a-f]{32}$/);
  });

  it('continues a trace only when it is valid', () => {
    const valid = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    expect(traceparentOf(valid)).toBe(valid);
    for (const bad of [
      undefined,
      'x',
      valid.toUpperCase(),
      `ff${valid.slice(2)}`,
      `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
      `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`,
    ]) {
      expect(traceparentOf(bad)).toBeUndefined();
    }
  });
});
