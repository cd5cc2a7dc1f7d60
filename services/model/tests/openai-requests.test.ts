import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RemoteModel } from './support/remote-model.ts';
import { json, RemoteServer, says, stream } from './support/remote-server.ts';
import { twoTools } from './support/two-tools.ts';

let server: RemoteServer;

beforeEach(async () => {
  server = await RemoteServer.start();
  server.chat(stream(`${says('Hi', 'stop')}data: [DONE]\n\n`));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const everything = {
  temperature: 0.5,
  topP: 0.9,
  topK: 40,
  minP: 0.1,
  frequencyPenalty: 0.2,
  presencePenalty: 0.3,
  repeatPenalty: 1.1,
  seed: 7,
  logitBias: [[42, -100]],
} as const;
const openaiFields = { temperature: 0.5, top_p: 0.9, frequency_penalty: 0.2, presence_penalty: 0.3, seed: 7 };
const bias = { logit_bias: { 42: -100 } };

describe('a request in the dialect of', () => {
  it.each([
    ['vllm', { ...openaiFields, ...bias, top_k: 40, min_p: 0.1, repetition_penalty: 1.1, max_tokens: 48 }],
    ['sglang', { ...openaiFields, ...bias, top_k: 40, min_p: 0.1, repetition_penalty: 1.1, max_tokens: 48 }],
    [
      'llama-server',
      { ...openaiFields, ...bias, top_k: 40, min_p: 0.1, repeat_penalty: 1.1, max_tokens: 48 },
    ],
    ['ollama', { ...openaiFields, max_tokens: 48 }],
    ['parley', { ...openaiFields, ...bias, max_tokens: 48 }],
    ['openai', { ...openaiFields, ...bias, max_completion_tokens: 48 }],
  ])(
    '%s says what the server knows, and leaves out what only a profile asks for',
    async (dialect, fields) => {
      await using far = await RemoteModel.load(server.baseUrl, { dialect });
      expect((await far.answer({ sampling: everything, asked: [] })).text).toBe('Hi');
      const { messages: _messages, stream_options: _options, ...rest } = server.chats[0]?.body ?? {};
      expect(rest).toEqual({ model: 'm', stream: true, ...fields });
    },
  );

  it.each([
    ['vllm', 'vllm', 'repetition_penalty'],
    ['sglang', 'sglang', 'repetition_penalty'],
    ['llamacpp', 'llama-server', 'repeat_penalty'],
  ])('an owner "%s" is spoken without being named: %s', async (owner, _dialect, field) => {
    server.lists({ owned_by: owner });
    await using far = await RemoteModel.load(server.baseUrl);
    await far.answer({ sampling: everything });
    expect(server.chats[0]?.body).toHaveProperty(field, 1.1);
  });
});

describe('what a caller asks for himself', () => {
  it('is refused by name where the server does not know it', async () => {
    server.lists({ owned_by: 'library' });
    await using far = await RemoteModel.load(server.baseUrl);
    const { error } = await far.answer({ sampling: { temperature: 0, topK: 5 }, asked: ['topK'] });
    expect(error).toMatchObject({
      code: 'unsupported',
      param: 'sampling.top_k',
      message: expect.stringContaining('does not know top_k'),
    });
    expect(server.chats).toHaveLength(0);
    const neutral = { sampling: { temperature: 0, topK: 0, minP: 0, repeatPenalty: 1 } };
    expect((await far.answer(neutral)).text).toBe('Hi');
  });

  it('is refused where the document leaves it out', async () => {
    await using far = await RemoteModel.load(server.baseUrl, { omit: ['temperature', 'topP'] });
    await far.answer({ sampling: { temperature: 0.7, topP: 0.95 }, asked: [] });
    expect(server.chats[0]?.body).not.toHaveProperty('temperature');
    const { error } = await far.answer({ sampling: { temperature: 0.7 }, asked: ['temperature'] });
    expect(error).toMatchObject({ code: 'unsupported', param: 'sampling.temperature' });
  });

  it('reaches the server: messages, stop strings, the form of the answer', async () => {
    await using far = await RemoteModel.load(server.baseUrl, { dialect: 'vllm' });
    const schema = { type: 'object', properties: { a: { type: 'integer' } } };
    await far.answer({
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: 'Hi', name: 'mara' },
      ],
      maxOutputTokens: 0,
      stop: ['a', 'b', 'c', 'd', 'e'],
      form: { kind: 'json-schema', schema: JSON.stringify(schema) },
      sampling: { temperature: 0, topK: 0 },
    });
    expect(server.chats[0]?.body).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi', name: 'mara' },
      ],
      stream: true,
      stream_options: { include_usage: true, continuous_usage_stats: true },
      temperature: 0,
      top_k: -1,
      stop: ['a', 'b', 'c', 'd', 'e'],
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
    });
    await far.answer({ form: { kind: 'json-object' } });
    expect(server.chats[1]?.body).toMatchObject({ response_format: { type: 'json_object' } });
  });

  it('is held against what the document says that the model can', async () => {
    await using far = await RemoteModel.load(server.baseUrl, { abilities: { json: false, tools: false } });
    expect(far.model.abilities).toMatchObject({
      grammar: false,
      tools: false,
      logitBias: true,
      embeddings: false,
    });
    expect((await far.answer({ form: { kind: 'json-object' } })).error).toMatchObject({
      code: 'unsupported',
      param: 'format',
    });
    const tool = { messages: [{ role: 'tool', content: '42' }] } as const;
    expect((await far.answer(tool)).error).toMatchObject({ code: 'unsupported', param: 'messages[0].role' });
  });

  it('brings functions, calls and results to the server', async () => {
    await using far = await RemoteModel.load(server.baseUrl, { dialect: 'vllm' });
    await far.answer({
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'time', arguments: '{}' }] },
        { role: 'tool', content: '12:00', toolCallId: 'call_1' },
      ],
      tools: { ...twoTools, choice: { name: 'weather' }, single: true },
    });
    const [weather, time] = twoTools.functions;
    expect(server.chats[0]?.body).toMatchObject({
      messages: [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'time', arguments: '{}' } }],
        },
        { role: 'tool', content: '12:00', tool_call_id: 'call_1' },
      ],
      tools: [
        { type: 'function', function: { ...weather, parameters: JSON.parse(weather.parameters) } },
        { type: 'function', function: { name: time.name, description: time.description } },
      ],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      parallel_tool_calls: false,
    });
    await far.answer({ tools: twoTools });
    expect(server.chats[1]?.body).toMatchObject({ tool_choice: 'auto' });
    expect(server.chats[1]?.body).not.toHaveProperty('parallel_tool_calls');
  });

  it('forces a call in the way that the server heeds, and says so where it heeds none', async () => {
    const forced = { tools: { ...twoTools, choice: { name: 'time' } } };
    await using words = await RemoteModel.load(server.baseUrl, { dialect: 'llama-server' });
    await words.answer(forced);
    expect(server.chats[0]?.body).toMatchObject({
      tools: [{ function: { name: 'time' } }],
      tool_choice: 'required',
    });
    await using ollama = await RemoteModel.load(server.baseUrl, { dialect: 'ollama' });
    expect((await ollama.answer(forced)).error).toMatchObject({ code: 'unsupported', param: 'tool_choice' });
    await ollama.answer({ tools: twoTools });
    expect(server.chats.at(-1)?.body).toMatchObject({ tool_choice: 'auto' });
  });

  it('puts system messages into the first user message where the model has no such role', async () => {
    await using far = await RemoteModel.load(server.baseUrl, {}, { systemRole: false });
    await far.answer({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
    });
    expect(server.chats[0]?.body['messages']).toEqual([{ role: 'user', content: 'Be brief.\n\nHi' }]);
  });
});

describe('tokens', () => {
  const question = { messages: [{ role: 'user', content: 'Hello' }], texts: ['Hello 你好', ''] } as const;

  it('are counted by vLLM', async () => {
    server.others(({ body }) =>
      json({ count: 'messages' in body ? 12 : 3, max_model_len: 4096, tokens: [1, 2, 3] }),
    );
    await using far = await RemoteModel.load(server.baseUrl, { dialect: 'vllm' });
    expect(await far.model.countTokens(question)).toEqual({ messageTokens: 12, textTokens: [3, 0] });
    expect(server.asked.slice(1).map(({ path, body }) => [path, body])).toEqual([
      ['/tokenize', { model: 'm', messages: question.messages, add_generation_prompt: true }],
      ['/tokenize', { model: 'm', prompt: 'Hello 你好', add_special_tokens: false }],
    ]);
    expect(far.logs).toEqual([]);
  });

  it('are estimated, which is said once, where the server does not count', async () => {
    await using far = await RemoteModel.load(server.baseUrl, { dialect: 'vllm' });
    const counted = await far.model.countTokens(question);
    expect(counted).toEqual({ messageTokens: 8, textTokens: [4, 0] });
    await far.model.countTokens(question);
    expect(far.logs).toEqual([expect.stringContaining('counts are estimates')]);
    expect(server.asked.filter(({ path }) => path === '/tokenize')).toHaveLength(1);
  });

  it('that do not fit are refused with both numbers, counted only where it is close', async () => {
    server.others(() => json({ count: 300, tokens: [] }));
    await using far = await RemoteModel.load(server.baseUrl, { dialect: 'vllm' }, { contextTokens: 256 });
    expect((await far.answer()).text).toBe('Hi');
    expect(server.asked.some(({ path }) => path === '/tokenize')).toBe(false);
    const { error } = await far.answer({ messages: [{ role: 'user', content: 'word '.repeat(300) }] });
    expect(error).toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringMatching(/has 300 tokens and asks for 48 more; model "far" holds 256/),
    });
    expect(server.chats).toHaveLength(1);
  });

  it('are not sent to Ollama in a number that it would cut', async () => {
    server.lists({ owned_by: 'library' });
    await using far = await RemoteModel.load(server.baseUrl, {}, { contextTokens: 256 });
    const { error } = await far.answer({ messages: [{ role: 'user', content: 'word '.repeat(300) }] });
    expect(error).toMatchObject({
      code: 'context_length_exceeded',
      message: expect.stringContaining('has about 506 tokens'),
    });
  });
});

describe('embeddings', () => {
  it('have the length 1 and the order of the texts', async () => {
    server.others(({ body }) => {
      const data = (body['input'] as string[]).map((text, index) => ({
        index,
        embedding: [text.length * 3, text.length * 4],
      }));
      return json({ data: data.toReversed(), usage: { prompt_tokens: String(data.length) } });
    });
    await using far = await RemoteModel.load(server.baseUrl, { abilities: { embeddings: true } });
    const texts = Array.from({ length: 70 }, (_, index) => 'x'.repeat(index + 1));
    const { vectors, inputTokens } = await far.model.embed(texts, new AbortController().signal);
    expect(vectors).toHaveLength(70);
    for (const vector of vectors) expect(vector).toEqual([expect.closeTo(0.6), expect.closeTo(0.8)]);
    expect(inputTokens).toBe(70);
  });

  it('are refused where the document does not promise them, and where they are not complete', async () => {
    await using far = await RemoteModel.load(server.baseUrl);
    await expect(far.model.embed(['a'], new AbortController().signal)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('abilities: { embeddings: true }'),
    });
    server.others(() => json({ data: [{ index: 0, embedding: [1] }] }));
    await using able = await RemoteModel.load(server.baseUrl, { abilities: { embeddings: true } });
    await expect(able.model.embed(['a', 'b'], new AbortController().signal)).rejects.toMatchObject({
      code: 'engine_failed',
      message: expect.stringContaining('1 vectors for 2 texts'),
    });
  });
});
