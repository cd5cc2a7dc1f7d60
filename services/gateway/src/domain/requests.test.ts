import { describe, expect, it } from 'vitest';
import { startTurnFromChat } from './chat-request.ts';
import { startTurnFromResponses } from './responses-request.ts';
import { chatUnsupported, rejectUnsupported, responsesUnsupported } from './unsupported-fields.ts';

describe('a chat request becomes a turn', () => {
  const messages = [
    { role: 'system', content: 'Be kind.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Hi' },
        { type: 'text', text: ' there' },
      ],
      name: 'Ann',
    },
    { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
  ] as const;

  it('of its messages in order, stored only when it says so', () => {
    const command = startTurnFromChat({ model: 'default', messages });
    expect(command).toMatchObject({
      model: 'default',
      instructions: '',
      previousTurnId: '',
      store: false,
      deltas: false,
    });
    expect(command.input).toMatchObject([
      { role: 'system', texts: ['Be kind.'], name: '' },
      { role: 'user', texts: ['Hi', ' there'], name: 'Ann' },
      { role: 'assistant', texts: ['No.'], name: '' },
    ]);
    expect(startTurnFromChat({ model: 'default', messages, store: true, stream: true })).toMatchObject({
      store: true,
      deltas: true,
    });
  });

  it('with its sampling, limits and format', () => {
    const command = startTurnFromChat({
      model: 'm',
      messages,
      temperature: 0,
      top_p: 0.5,
      seed: 7,
      frequency_penalty: 1,
      presence_penalty: -1,
      logit_bias: { '50256': -100 },
      max_tokens: 5,
      max_completion_tokens: 9,
      stop: 'END',
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } },
      user: 'u',
      safety_identifier: 's',
    });
    expect(command).toMatchObject({
      sampling: {
        temperature: 0,
        topP: 0.5,
        seed: 7,
        frequencyPenalty: 1,
        presencePenalty: -1,
        logitBias: { 50256: -100 },
      },
      maxOutputTokens: 9,
      stop: ['END'],
      format: { kind: 'json_schema', name: 'a', schema: '{"type":"object"}' },
      endUser: 's',
    });
  });

  it('that leaves to the model’s profile what it leaves out', () => {
    const { sampling, maxOutputTokens, stop } = startTurnFromChat({
      model: 'm',
      messages,
      temperature: null,
    });
    expect(sampling).toEqual({ logitBias: {} });
    expect({ maxOutputTokens, stop }).toEqual({ maxOutputTokens: 0, stop: [] });
  });

  it('unless a message has no content, which is named', () => {
    expect(() =>
      startTurnFromChat({
        model: 'm',
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: null },
        ],
      }),
    ).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'messages[1].content' }));
  });

  it('whose text is well-formed, whatever the client sent', () => {
    const command = startTurnFromChat({ model: 'm', messages: [{ role: 'user', content: 'a\ud800b' }] });
    expect(command.input).toMatchObject([{ texts: ['a\ufffdb'] }]);
  });
});

describe('a responses request becomes a turn', () => {
  it('that is stored unless it says otherwise', () => {
    expect(startTurnFromResponses({ input: 'Hi' })).toMatchObject({
      store: true,
      model: '',
      input: [{ role: 'user', texts: ['Hi'] }],
    });
    expect(startTurnFromResponses({ input: 'Hi', store: false }).store).toBe(false);
  });

  it('of its items, instructions and predecessor', () => {
    const command = startTurnFromResponses({
      input: [
        { role: 'developer', content: 'Short.' },
        { role: 'assistant', content: [{ type: 'output_text', text: 'Hello' }] },
        { role: 'user', content: [{ type: 'input_text', text: 'And?' }] },
      ],
      instructions: 'Be kind.',
      previous_response_id: 'resp_1',
      max_output_tokens: 3,
      text: { format: { type: 'json_object' } },
      stream: true,
    });
    expect(command).toMatchObject({
      instructions: 'Be kind.',
      previousTurnId: 'resp_1',
      maxOutputTokens: 3,
      format: { kind: 'json_object' },
      deltas: true,
      input: [
        { role: 'developer' },
        { role: 'assistant', texts: ['Hello'] },
        { role: 'user', texts: ['And?'] },
      ],
    });
  });
});

describe('functions in a request', () => {
  const weather = { name: 'weather', parameters: { type: 'object' } };
  const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } } as const;
  const items = [
    { type: 'message', role: 'user', texts: ['Hi'] },
    { type: 'message', role: 'assistant', texts: ['Wait.'] },
    { type: 'function_call', callId: 'call_1', name: 'weather', arguments: '{}' },
    { type: 'function_output', callId: 'call_1', output: 'sunny' },
  ];
  const tools = {
    functions: [{ name: 'weather', description: '', parameters: '{"type":"object"}' }],
    choice: 'function',
    chosen: 'weather',
    single: true,
  };

  it('are the same for dialogue from both APIs, and so are calls and results', () => {
    const chat = startTurnFromChat({
      model: 'm',
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Wait.', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'sunny' }] },
      ],
      tools: [{ function: weather }],
      tool_choice: { function: { name: 'weather' } },
      parallel_tool_calls: false,
    });
    expect(chat.input).toMatchObject(items);
    expect(chat.tools).toEqual(tools);
    const responses = startTurnFromResponses({
      input: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Wait.' },
        { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_1', output: [{ text: 'sunny' }] },
      ],
      tools: [weather],
      tool_choice: { name: 'weather' },
      parallel_tool_calls: false,
    });
    expect(responses.input).toMatchObject(items);
    expect(responses.tools).toEqual(tools);
  });

  it('are none where there are none, whatever the choice, unless it asks for a call', () => {
    const messages = [{ role: 'user', content: 'Hi' }] as const;
    expect(startTurnFromChat({ model: 'm', messages, tools: [], tool_choice: 'auto' }).tools).toBeUndefined();
    expect(() => startTurnFromChat({ model: 'm', messages, tool_choice: 'required' })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'tool_choice' }),
    );
  });

  it.each([
    [{ role: 'user', content: 'x', tool_calls: [call] }, 'messages[0].tool_calls'],
    [{ role: 'tool', content: 'x' }, 'messages[0].tool_call_id'],
    [{ role: 'tool', tool_call_id: 'call_1' }, 'messages[0].content'],
    [{ role: 'assistant', tool_calls: [] }, 'messages[0].content'],
  ] as const)('stand where they belong: %j', (message, param) => {
    expect(() => startTurnFromChat({ model: 'm', messages: [message] })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    );
  });
});

describe('what Parley does not have', () => {
  it.each([
    ['functions', [{}]],
    ['function_call', { name: 'f' }],
    ['n', 2],
    ['logprobs', true],
    ['top_logprobs', 3],
    ['audio', { voice: 'x' }],
    ['modalities', ['text', 'audio']],
    ['prediction', { type: 'content' }],
    ['service_tier', 'flex'],
    ['reasoning_effort', 'high'],
    ['web_search_options', {}],
  ])('is refused in a chat request by name: %s', (name, value) => {
    expect(() => rejectUnsupported({ [name]: value }, chatUnsupported)).toThrow(
      expect.objectContaining({ code: 'unsupported', param: name }),
    );
  });

  it.each([
    ['background', true],
    ['conversation', 'conv_1'],
    ['prompt', { id: 'p' }],
    ['truncation', 'auto'],
    ['reasoning', { effort: 'high' }],
    ['include', ['reasoning.encrypted_content']],
  ])('is refused in a responses request by name: %s', (name, value) => {
    expect(() => rejectUnsupported({ [name]: value }, responsesUnsupported)).toThrow(
      expect.objectContaining({ code: 'unsupported', param: name }),
    );
  });

  it('may be there as nothing: null, empty, or its default', () => {
    const chat = {
      tools: [],
      tool_choice: 'auto',
      n: 1,
      logprobs: false,
      audio: null,
      modalities: ['text'],
      service_tier: 'auto',
      functions: [],
    };
    const responses = {
      background: false,
      conversation: null,
      tools: [],
      reasoning: { effort: null },
      truncation: 'disabled',
      include: [],
    };
    expect(() => rejectUnsupported(chat, chatUnsupported)).not.toThrow();
    expect(() => rejectUnsupported(responses, responsesUnsupported)).not.toThrow();
  });
});
