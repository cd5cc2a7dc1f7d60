import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { chatSchema } from './chat-schema.ts';
import { switchSchema } from './model-admin-schema.ts';
import { responsesSchema } from './responses-schema.ts';
import { check } from './validation.ts';

const user = { role: 'user', content: 'Hi' };

function faultOf(schema: Parameters<typeof check>[0], body: unknown): ParleyError {
  try {
    check(schema, body, 'The body');
  } catch (error) {
    if (error instanceof ParleyError) return error;
  }
  throw new Error('It was accepted.');
}

describe('a chat request', () => {
  it.each([
    [{}, 'model', 'is missing: a string is expected'],
    [{ model: 'm' }, 'messages', 'is missing: an array is expected'],
    [{ model: 'm', messages: [] }, 'messages', 'at least 1 entries'],
    [
      { model: 'm', messages: [{ role: 'robot', content: 'x' }] },
      'messages[0].role',
      'one of "system", "developer", "user", "assistant"',
    ],
    [
      { model: 'm', messages: [user, { role: 'user', content: 5 }] },
      'messages[1].content',
      'a string is expected, or an array is expected',
    ],
    [
      { model: 'm', messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      'messages[0].content[0].text',
      'missing',
    ],
    [{ model: 'm', messages: [user], temperature: 2.5 }, 'temperature', 'is 2.5: at most 2 is allowed'],
    [{ model: 'm', messages: [user], top_p: -1 }, 'top_p', 'at least 0'],
    [{ model: 'm', messages: [user], max_tokens: 0 }, 'max_tokens', 'at least 1'],
    [
      { model: 'm', messages: [user], max_completion_tokens: 1.5 },
      'max_completion_tokens',
      'an integer is expected',
    ],
    [{ model: 'm', messages: [user], stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop', 'at most 4 entries'],
    [{ model: 'm', messages: [user], stop: '' }, 'stop', 'at least 1 characters'],
    [{ model: 'm', messages: [user], seed: 2 ** 60 }, 'seed', 'at most'],
    [{ model: 'm', messages: [user], stream: 'yes' }, 'stream', 'is "yes": a boolean is expected'],
    [{ model: 'm', messages: [user], logit_bias: { '50256': 101 } }, 'logit_bias.50256', 'at most 100'],
    [{ model: 'm', messages: [user], logit_bias: { a: 1 } }, 'logit_bias.a', 'a token id'],
    [
      { model: 'm', messages: [user], metadata: { k: 'v'.repeat(513) } },
      'metadata.k',
      'at most 512 characters',
    ],
    [
      {
        model: 'm',
        messages: [user],
        metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])),
      },
      'metadata',
      'at most 16',
    ],
    [
      { model: 'm', messages: [user], response_format: { type: 'yaml' } },
      'response_format.type',
      'one of "text", "json_object", "json_schema"',
    ],
    [
      {
        model: 'm',
        messages: [user],
        response_format: { type: 'json_schema', json_schema: { name: 'a b', schema: {} } },
      },
      'response_format.json_schema.name',
      '1 to 64 letters',
    ],
    [
      { model: 'm', messages: [user], response_format: { type: 'json_schema', json_schema: { name: 'a' } } },
      'response_format.json_schema.schema',
      'missing',
    ],
  ])('%j is refused, naming %s', (body, param, words) => {
    const fault = faultOf(chatSchema, body);
    expect(fault).toMatchObject({ code: 'invalid_request', param });
    expect(fault.message).toContain(words);
  });

  it.each([
    [
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] },
      'messages[0].content[0].type',
    ],
    [{ role: 'user', content: [{ type: 'input_audio' }] }, 'messages[0].content[0].type'],
    [
      { role: 'assistant', tool_calls: [{ id: 'c', type: 'custom', custom: {} }] },
      'messages[0].tool_calls[0].type',
    ],
    [{ role: 'function', content: 'x', name: 'f' }, 'messages[0].role'],
  ])('with %j is not supported, naming %s', (message, param) => {
    expect(faultOf(chatSchema, { model: 'm', messages: [message] })).toMatchObject({
      code: 'unsupported',
      param,
    });
  });

  it('may have fields that nobody knows, and null for those left out', () => {
    const body = {
      model: 'm',
      messages: [user],
      temperature: null,
      stop: null,
      metadata: null,
      made_up: { a: 1 },
    };
    expect(check(chatSchema, body, 'The body')).not.toHaveProperty('made_up');
  });

  it('never has its own text repeated in a fault', () => {
    const secret = 'my password is hunter2, do not tell anybody';
    expect(faultOf(chatSchema, { model: 'm', messages: [user], temperature: secret }).message).not.toContain(
      'hunter2',
    );
  });
});

describe('a responses request', () => {
  it.each([
    [{}, 'input', 'missing'],
    [{ input: 5 }, 'input', 'a string is expected, or an array is expected'],
    [{ input: [] }, 'input', 'at least 1 entries'],
    [{ input: [{ role: 'user' }] }, 'input[0].content', 'missing'],
    [{ input: 'x', max_output_tokens: -1 }, 'max_output_tokens', 'at least 1'],
    [{ input: 'x', text: { format: { type: 'json_schema', name: 'n' } } }, 'text.format.schema', 'missing'],
    [{ input: 'x', previous_response_id: 5 }, 'previous_response_id', 'a string'],
  ])('%j is refused, naming %s', (body, param, words) => {
    const fault = faultOf(responsesSchema, body);
    expect(fault).toMatchObject({ code: 'invalid_request', param });
    expect(fault.message).toContain(words);
  });

  it.each([
    [[{ type: 'custom_tool_call_output', call_id: 'c', output: 'x' }], 'input[0].type'],
    [
      [{ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_image' }] }],
      'input[0].output[0].type',
    ],
    [[{ type: 'item_reference', id: 'x' }], 'input[0].type'],
    [[{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }], 'input[0].content[0].type'],
  ])('with %j is not supported, naming %s', (input, param) => {
    expect(faultOf(responsesSchema, { input })).toMatchObject({ code: 'unsupported', param });
  });

  it.each([
    [{ input: 'x', tools: [{ type: 'web_search' }] }, 'tools[0].type'],
    [{ input: 'x', tool_choice: { type: 'allowed_tools' } }, 'tool_choice.type'],
  ])('%j is not supported, naming %s', (body, param) => {
    expect(faultOf(responsesSchema, body)).toMatchObject({ code: 'unsupported', param });
  });

  it.each([
    [{ input: [{ type: 'function_call', call_id: 'c', arguments: '{}' }] }, 'input[0].name', 'missing'],
    [{ input: [{ type: 'function_call_output', output: '' }] }, 'input[0].call_id', 'missing'],
    [{ input: 'x', tools: [{ type: 'function', name: 'a b' }] }, 'tools[0].name', 'letters'],
    [
      { input: 'x', tools: [{ type: 'function', name: 'a', parameters: [] }] },
      'tools[0].parameters',
      'object',
    ],
    [{ input: 'x', tool_choice: 'maybe' }, 'tool_choice', '"required"'],
  ])('%j is refused too, naming %s', (body, param, words) => {
    const fault = faultOf(responsesSchema, body);
    expect(fault).toMatchObject({ code: 'invalid_request', param });
    expect(fault.message).toContain(words);
  });

  it('takes the output of an earlier response back as input', () => {
    const output = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
    };
    const call = {
      id: 'fc_1',
      type: 'function_call',
      call_id: 'c',
      name: 'f',
      arguments: '{}',
      status: 'completed',
    };
    expect(() =>
      check(responsesSchema, { input: [output, call, { role: 'user', content: 'And?' }] }, 'The body'),
    ).not.toThrow();
  });
});

describe('a change that an administrator asks for', () => {
  it.each([
    [{ alias: 'default', model: 'm', force: true }, 'force', 'no field that is known here'],
    [{ alias: 'default', model: 'm', ['a b']: 1 }, '["a b"]', 'Remove it'],
    [{ alias: 'default' }, 'model', 'is missing: a string is expected'],
    [{ alias: 7, model: 'm' }, 'alias', 'is 7: a string is expected'],
  ])('names the field at fault: %j', (body, param, words) => {
    const fault = faultOf(switchSchema, body);
    expect(fault).toMatchObject({ code: 'invalid_request', param });
    expect(fault.message).toContain(words);
  });
});
