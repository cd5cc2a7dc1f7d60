import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { twoTools } from './support/two-tools.ts';
import { RemoteModel } from './support/remote-model.ts';
import { fixture, json, RemoteServer, stream } from './support/remote-server.ts';

/** Byte streams written by hand after the documentation of each server: fixtures, not recordings. */
const greeting = 'Grüße aus 東京 👩‍🚀!';

/** Ways to cut a stream: whole, every byte alone, and pieces of changing length. */
const cuts = {
  whole: (bytes: Uint8Array) => [bytes],
  'byte by byte': (bytes: Uint8Array) => Array.from(bytes, (byte) => Uint8Array.of(byte)),
  'in uneven pieces': uneven,
} as const;

function uneven(bytes: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0, size = 1; start < bytes.length; start += size, size = ((size * 7 + 3) % 29) + 1)
    pieces.push(bytes.subarray(start, start + size));
  return pieces;
}

let server: RemoteServer;
let far: RemoteModel;

beforeAll(async () => {
  server = await RemoteServer.start();
  far = await RemoteModel.load(server.baseUrl, { dialect: 'vllm' });
});
afterAll(async () => {
  await far[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe.each(Object.entries(cuts))('a stream that comes %s', (_name, cut) => {
  it.each([
    ['vllm-answer.sse', 'stop', 14, 6],
    ['sglang-answer.sse', 'stop', 14, 5],
    ['ollama-answer.sse', 'stop', 31, 6],
    ['llama-server-answer.sse', 'stop', 12, 6],
    ['strange.sse', 'length', 14, 5],
  ])('gives text, reason and usage of %s', async (file, reason, inputTokens, outputTokens) => {
    server.chat(stream(cut(fixture(file))));
    const { text, finished, error, chunks } = await far.answer();
    expect(error).toBeUndefined();
    expect(text).toBe(greeting);
    expect(finished).toMatchObject({ reason, inputTokens, outputTokens });
    for (const chunk of chunks) expect(chunk.isWellFormed()).toBe(true);
  });

  it.each([
    ['vllm-reasoning.sse', 'Hello there.'],
    ['ollama-thinking.sse', 'Yes.'],
  ])('keeps what the model thinks apart from what it says: %s', async (file, said) => {
    server.chat(stream(cut(fixture(file))));
    expect(await far.answer()).toMatchObject({ text: said, finished: { reason: 'stop' } });
  });

  it('leaves out what a model thinks where it answers, if its document says that it does', async () => {
    await using thinker = await RemoteModel.load(server.baseUrl, {}, { reasoning: 'think-tags' });
    server.chat(stream(cut(fixture('inline-thinking.sse'))));
    expect(await thinker.answer()).toMatchObject({ text: 'Hello there.', finished: { reason: 'stop' } });
  });

  it.each([
    ['vllm-tools.sse', ['chatcmpl-tool-1f', 'chatcmpl-tool-2f']],
    ['sglang-tools.sse', ['call_aa', 'call_bb']],
    ['ollama-tools.sse', ['call_k1', 'call_k2']],
  ])('tells the calls of %s as calls', async (file, [first, second]) => {
    server.chat(stream(cut(fixture(file))));
    const { text, calls, finished, error } = await far.answer({ tools: twoTools });
    expect(error).toBeUndefined();
    expect(text).toBe('Let me look.');
    expect(calls).toEqual([
      { id: first, name: 'weather', arguments: '{"city": "Zürich"}' },
      { id: second, name: 'time', arguments: '{}' },
    ]);
    expect(finished).toMatchObject({ reason: 'tool-calls', inputTokens: 190, outputTokens: 30 });
    server.chat(stream(cut(fixture(file))));
    const single = await far.answer({ tools: { ...twoTools, single: true } });
    expect(single.calls).toHaveLength(1);
  });

  it.each([
    ['vllm-error-in-stream.sse', 'Half', 'engine_failed', 'EngineCore encountered an issue'],
    ['vllm-old-error-in-stream.sse', '', 'context_length_exceeded', 'maximum context length is 4096'],
    ['sglang-abort.sse', 'Half', 'engine_failed', '"abort"'],
    ['llama-server-error.sse', '', 'engine_failed', 'failed to decode'],
  ])('fails with the error that %s carries', async (file, said, code, message) => {
    server.chat(stream(cut(fixture(file))));
    const { text, error } = await far.answer();
    expect(text).toBe(said);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(error?.message).toContain('Model "m" at 127.0.0.1:');
  });
});

it('counts the pieces, and says so once, where a server tells no usage', async () => {
  await using quiet = await RemoteModel.load(server.baseUrl);
  server.chat(stream(cuts.whole(fixture('ollama-no-usage.sse'))));
  const first = await quiet.answer();
  expect(first.finished).toMatchObject({ reason: 'length', outputTokens: 5, inputTokens: first.inputTokens });
  await quiet.answer();
  expect(quiet.logs).toEqual([expect.stringContaining('tells no usage: tokens are estimated')]);
});

it('takes an answer that comes in one piece although a stream was asked for', async () => {
  server.chat(
    json({
      choices: [{ message: { role: 'assistant', content: 'All at once.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 4 },
    }),
  );
  expect(await far.answer()).toMatchObject({
    text: 'All at once.',
    finished: { reason: 'stop', inputTokens: 3, outputTokens: 4 },
  });
});

it('takes calls that come whole, unnumbered, without ids, their arguments as objects', async () => {
  const call = (name: string, given: object): object => ({
    type: 'function',
    function: { name, arguments: given },
  });
  const message = { content: null, tool_calls: [call('weather', { city: 'Rome' }), call('time', {})] };
  server.chat(json({ choices: [{ message, finish_reason: 'tool_calls' }] }));
  const { calls, finished } = await far.answer({ tools: twoTools });
  expect(calls).toEqual([
    { id: expect.stringMatching(/^call_/), name: 'weather', arguments: '{"city":"Rome"}' },
    { id: expect.stringMatching(/^call_/), name: 'time', arguments: '{}' },
  ]);
  expect(finished?.reason).toBe('tool-calls');
});

it('fails where pieces of calls belong to none', async () => {
  const piece = (index: number, id: string, name: string): string =>
    `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [{ index, id, function: { name, arguments: '{' } }] } }] })}\n\n`;
  server.chat(stream(piece(0, 'a', '')));
  expect((await far.answer({ tools: twoTools })).error?.message).toContain('without naming it');
  server.chat(stream(piece(0, 'a', 'time') + piece(1, 'b', 'time') + piece(0, '', '')));
  expect((await far.answer({ tools: twoTools })).error?.message).toContain('went back to a call');
});

it('fails with the error of a body that pretends to be well', async () => {
  server.chat(json({ error: { message: 'no such adapter', type: 'invalid_request_error', code: 400 } }));
  expect((await far.answer()).error).toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining('no such adapter'),
  });
});

it('fails where a stream is none', async () => {
  server.chat(stream('data: <html>\n\n'));
  expect((await far.answer()).error).toMatchObject({ code: 'engine_failed' });
  server.chat(stream('data: [1, 2]\n\n'));
  expect((await far.answer()).error).toMatchObject({ code: 'engine_failed' });
});
