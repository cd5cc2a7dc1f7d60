import { ParleyError } from '@parley/kernel';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { apiKey, BootedGateway } from './support/booted-gateway.ts';
import { ModelPeer, vectorOf } from './support/model-peer.ts';

describe('what models do with text beside answering', () => {
  const model = new ModelPeer();
  let gateway: BootedGateway;
  let client: OpenAI;

  beforeAll(async () => {
    await model.peer.listen();
    gateway = await BootedGateway.start({ PARLEY_MODEL_ADDRESS: model.peer.address });
    client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 });
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    model.peer.kill();
  });

  afterEach(() => {
    model.refuse = () => undefined;
  });

  async function refusalOf(path: string, body: unknown): Promise<{ status: number; error: object }> {
    const response = await gateway.post(path, body);
    const { error } = (await response.json()) as { error: object };
    return { status: response.status, error };
  }

  it('embeddings are the same by either encoding, in the order of the texts', async () => {
    const input = ['one', 'twenty'];
    const expected = input.map(vectorOf);
    // The official client asks for base64 unless told otherwise, and decodes it.
    const decoded = await client.embeddings.create({ model: 'default', input });
    expect(decoded.data.map(({ embedding }) => [...embedding])).toEqual(expected);
    const floats = await client.embeddings.create({ model: 'default', input, encoding_format: 'float' });
    expect(floats.data.map(({ embedding }) => embedding)).toEqual(expected);
    expect(floats.data.map(({ index }) => index)).toEqual([0, 1]);
    expect(floats).toMatchObject({
      object: 'list',
      model: 'parley-tiny',
      system_fingerprint: '0123456789ab',
      usage: { prompt_tokens: 6, total_tokens: 6 },
    });
  });

  it('an embedding of one text is a list of one', async () => {
    const { data } = await client.embeddings.create({ model: 'default', input: 'one' });
    expect(data).toHaveLength(1);
    expect(model.asked.at(-1)).toEqual({ method: 'embed', request: { model: 'default', texts: ['one'] } });
  });

  it('embeddings that no engine can make are a 400 that names the engines that can', async () => {
    const message = 'The engine gguf makes no embeddings here; these do: onnx.';
    model.refuse = () => new ParleyError('unsupported', message, { param: 'model' });
    await expect(client.embeddings.create({ model: 'default', input: 'one' })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported',
      param: 'model',
      message: expect.stringContaining(message) as string,
    });
  });

  it('a text at fault is named as the client sent it', async () => {
    const message = 'texts[1] has 602 tokens; model "minilm" holds 512.';
    model.refuse = () => new ParleyError('context_length_exceeded', message, { param: 'texts[1]' });
    expect(await refusalOf('/v1/embeddings', { model: 'default', input: ['a', 'b'] })).toEqual({
      status: 400,
      error: expect.objectContaining({
        code: 'context_length_exceeded',
        param: 'input[1]',
        message: 'input[1] has 602 tokens; model "minilm" holds 512.',
      }) as object,
    });
  });

  it.each([
    ['token ids', { input: [1, 2, 3] }, 'unsupported', 'input', /token ids/],
    ['lists of token ids', { input: [[1], [2]] }, 'unsupported', 'input', /token ids/],
    ['a length of vectors', { dimensions: 8 }, 'unsupported', 'dimensions', /one length/],
    ['an assistant', { model: 'assistant:helper' }, 'unsupported', 'model', /GET \/v1\/assistants/],
    ['an empty text', { input: '' }, 'invalid_request', 'input', /at least 1/],
    ['an empty text among others', { input: ['a', ''] }, 'invalid_request', 'input[1]', /at least 1/],
    ['no text at all', { input: [] }, 'invalid_request', 'input', /at least 1/],
    ['2049 texts', { input: Array.from({ length: 2049 }, () => 'x') }, 'invalid_request', 'input', /2048/],
    ['another encoding', { encoding_format: 'hex' }, 'invalid_request', 'encoding_format', /base64/],
    ['no model', { model: undefined }, 'invalid_request', 'model', /missing/],
  ])('embeddings of %s are refused, and no model is asked', async (_what, change, code, param, words) => {
    const before = model.asked.length;
    expect(await refusalOf('/v1/embeddings', { model: 'default', input: 'a', ...change })).toEqual({
      status: 400,
      error: expect.objectContaining({
        code,
        param,
        message: expect.stringMatching(words) as string,
      }) as object,
    });
    expect(model.asked).toHaveLength(before);
  });

  it('input tokens are those of instructions and input, as the model reads them', async () => {
    const counted = await client.responses.inputTokens.count({
      model: 'default',
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: 'How are you today?' },
        { role: 'user', content: [{ type: 'input_text', text: 'And you?' }] },
      ],
    });
    expect(counted).toEqual({ object: 'response.input_tokens', input_tokens: 3 + 5 + 3 });
    expect(model.asked.at(-1)).toMatchObject({
      method: 'countTokens',
      request: {
        model: 'default',
        messages: [
          { content: [{ part: { text: 'Be brief.' } }] },
          { content: [{ part: { text: 'How are you today?' } }] },
          { content: [{ part: { text: 'And you?' } }] },
        ],
      },
    });
  });

  it('input tokens are those of functions, their calls and results, too', async () => {
    await client.responses.inputTokens.count({
      model: 'default',
      input: [
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'x' },
      ],
      tools: [{ type: 'function', name: 'f', parameters: null, strict: null }],
    });
    expect(model.asked.at(-1)).toMatchObject({
      request: {
        messages: [{ toolCalls: [{ id: 'c1', name: 'f', arguments: '{}' }] }, { toolCallId: 'c1' }],
        tools: { functions: [{ name: 'f' }] },
      },
    });
  });

  it('input tokens of a text, or of nothing, are counted by the default model', async () => {
    expect(await client.responses.inputTokens.count({ input: 'How are you?' })).toMatchObject({
      input_tokens: 4,
    });
    expect(model.asked.at(-1)).toMatchObject({ request: { model: '' } });
    expect(await client.responses.inputTokens.count({})).toMatchObject({ input_tokens: 0 });
  });

  it.each([
    ['after another response', { previous_response_id: 'resp_1' }, 'previous_response_id', /as input/],
    ['of a conversation', { conversation: 'conv_1' }, 'conversation', /as input/],
    ['with tools of its own', { tools: [{ type: 'web_search' }] }, 'tools[0].type', /not supported here/],
    ['of an assistant', { model: 'assistant:helper' }, 'model', /Name a model/],
  ])('input tokens %s are refused, not counted wrong', async (_what, change, param, words) => {
    expect(await refusalOf('/v1/responses/input_tokens', { input: 'Hi', ...change })).toEqual({
      status: 400,
      error: expect.objectContaining({
        code: 'unsupported',
        param,
        message: expect.stringMatching(words) as string,
      }) as object,
    });
  });

  it('a model that is not ready is told with when to try again', async () => {
    model.refuse = () => new ParleyError('model_not_ready', 'It loads: 40 %.', { retryAfterMs: 1500 });
    for (const path of ['/v1/embeddings', '/v1/responses/input_tokens']) {
      const response = await gateway.post(path, { model: 'fast', input: 'Hi' });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after-ms')).toBe('1500');
    }
  });
});
