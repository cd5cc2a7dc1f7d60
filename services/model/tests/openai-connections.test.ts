import { eventually } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RemoteModel } from './support/remote-model.ts';
import { json, RemoteServer, says, stream } from './support/remote-server.ts';

let server: RemoteServer;

beforeEach(async () => {
  server = await RemoteServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const whole = stream(`${says('Hi', 'stop')}data: [DONE]\n\n`);
const busy = (retryAfter?: string) =>
  json(
    { error: { message: 'queue is full' } },
    { status: 503, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } },
  );

describe('connections', () => {
  it('stay open from one answer to the next, and close with the model', async () => {
    server.chat(whole);
    {
      await using far = await RemoteModel.load(server.baseUrl);
      for (let turn = 0; turn < 5; turn++) expect((await far.answer()).text).toBe('Hi');
      // One more is opened where the answer before it has not quite gone.
      expect(server.connections).toBeLessThanOrEqual(2);
    }
    await eventually(() => expect(server.sockets.size).toBe(0));
  });

  it('are no more than there are slots; others wait for theirs', async () => {
    let running = 0;
    let most = 0;
    server.chat(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running--;
      return whole;
    });
    await using far = await RemoteModel.load(server.baseUrl, {}, { slots: 2 });
    const heard = await Promise.all(Array.from({ length: 6 }, () => far.answer()));
    expect(heard.map(({ text }) => text)).toEqual(Array.from({ length: 6 }, () => 'Hi'));
    expect(most).toBe(2);
    expect(heard.some(({ finished }) => (finished?.queueMs ?? 0) > 10)).toBe(true);
  });

  it('close at once when an answer is cancelled', async () => {
    server.chat(stream(says('Once'), { after: 'hang' }));
    await using far = await RemoteModel.load(server.baseUrl);
    const leaving = new AbortController();
    const { text, error } = await far.answer({}, leaving.signal, ({ type }) => {
      if (type === 'chunk') leaving.abort();
    });
    expect(text).toBe('Once');
    expect(error).toMatchObject({ code: 'cancelled' });
    await eventually(() => expect(server.sockets.size).toBe(0));
  });

  it('close at once when the reader leaves, and when a stop string is met that the server does not know', async () => {
    server.chat(stream(says('One two three'), { after: 'hang' }));
    await using far = await RemoteModel.load(server.baseUrl);
    const heard = await far.answer({ stop: [' three'] });
    expect(heard).toMatchObject({ text: 'One two', finished: { reason: 'stop' } });
    await eventually(() => expect(server.sockets.size).toBe(0));
    for await (const { type } of far.model.generate(aRequest, new AbortController().signal))
      if (type === 'chunk') break;
    await eventually(() => expect(server.sockets.size).toBe(0));
  });
});

describe('another try', () => {
  it('is made for a connection that breaks before the first token', async () => {
    server.chat(
      { after: 'cut' },
      stream('data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n', { after: 'cut' }),
      whole,
    );
    await using far = await RemoteModel.load(server.baseUrl);
    const heard = await far.answer();
    expect(heard).toMatchObject({ text: 'Hi', finished: { reason: 'stop' } });
    expect(server.chats).toHaveLength(3);
  });

  it('is made for a server that is busy, when it says so', async () => {
    server.chat(busy(), busy('0'), whole);
    await using far = await RemoteModel.load(server.baseUrl);
    expect(await far.answer()).toMatchObject({ text: 'Hi' });
    expect(server.chats).toHaveLength(3);
  });

  it('is not made beyond the time that the answer has', async () => {
    server.chat(busy('5'));
    await using far = await RemoteModel.load(server.baseUrl);
    expect((await far.answer({ timeLimitMs: 2_000 })).error).toMatchObject({
      code: 'overloaded',
      retryAfterMs: 5_000,
      message: expect.stringContaining('queue is full'),
    });
    expect(server.chats).toHaveLength(1);
  });

  it('is not made once something was said', async () => {
    server.chat(stream(says('Half'), { after: 'cut' }), whole);
    await using far = await RemoteModel.load(server.baseUrl);
    const { text, error } = await far.answer();
    expect(text).toBe('Half');
    expect(error).toMatchObject({ code: 'engine_failed', retryable: true });
    expect(server.chats).toHaveLength(1);
  });

  it.each([
    [400, { error: { message: 'top_p must be in (0, 1]', code: 400 } }, 'invalid_request', 'top_p must be'],
    [
      400,
      { error: { message: 'too long', type: 'exceed_context_size_error', code: 400 } },
      'context_length_exceeded',
      '',
    ],
    [400, { error: { message: 'x', code: 'context_length_exceeded' } }, 'context_length_exceeded', ''],
    [401, { error: { message: 'Incorrect API key provided: s3cret' } }, 'engine_failed', 'refuses the key'],
    [404, { detail: 'Not Found' }, 'engine_failed', 'is not there'],
    [
      422,
      { detail: [{ msg: 'field required', input: 'what somebody said' }] },
      'invalid_request',
      'field required',
    ],
    [500, { error: 'broken' }, 'engine_failed', 'broken'],
    [302, {}, 'engine_failed', 'correct baseUrl'],
  ])('is not made for HTTP %i %j', async (status, body, code, message) => {
    server.chat(json(body, { status }));
    await using far = await RemoteModel.load(server.baseUrl);
    const { error } = await far.answer();
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(error?.message).not.toMatch(/s3cret|somebody/);
    expect(server.chats).toHaveLength(1);
  });
});

describe('a server that is slow', () => {
  it('is given up when the first token does not come, heartbeats or not', async () => {
    server.chat(stream(': ping\n\n', { after: 'hang' }));
    await using far = await RemoteModel.load(server.baseUrl, { timeouts: { firstTokenMs: 50 } });
    expect((await far.answer()).error).toMatchObject({
      code: 'engine_failed',
      retryable: true,
      message: expect.stringContaining('sent no token for 0.05 s'),
    });
    await eventually(() => expect(server.sockets.size).toBe(0));
  });

  it('is given up when it stalls between two tokens', async () => {
    server.chat(stream(says('Half'), { after: 'hang' }));
    await using far = await RemoteModel.load(server.baseUrl, { timeouts: { idleMs: 50 } });
    const { text, error } = await far.answer();
    expect(text).toBe('Half');
    expect(error).toMatchObject({ code: 'engine_failed' });
  });

  it('keeps to the time of the answer: an error before the first token, what there is after it', async () => {
    await using far = await RemoteModel.load(server.baseUrl);
    server.chat({ after: 'hang' });
    expect((await far.answer({ timeLimitMs: 50 })).error).toMatchObject({ code: 'deadline_exceeded' });
    server.chat(stream(says('Half'), { after: 'hang' }));
    expect(await far.answer({ timeLimitMs: 100 })).toMatchObject({
      text: 'Half',
      finished: { reason: 'deadline', outputTokens: 1 },
    });
    await eventually(() => expect(server.sockets.size).toBe(0));
  });

  it('does not hold an answer up whose text is complete', async () => {
    server.chat(stream(`${says('Whole', 'stop')}data: [DONE]\n\n`, { after: 'hang' }));
    await using far = await RemoteModel.load(server.baseUrl);
    expect(await far.answer()).toMatchObject({ text: 'Whole', finished: { reason: 'stop' } });
  });

  it('ends at the limit of text when it does not end by itself', async () => {
    function* babble(): Generator<Uint8Array> {
      for (let event = 0; event < 10_000; event++) yield Buffer.from(says('babble '.repeat(10)));
    }
    server.chat(() => stream(babble()));
    await using far = await RemoteModel.load(server.baseUrl);
    const { text, finished } = await far.answer({ maxOutputTokens: 10 });
    expect(finished?.reason).toBe('length');
    expect(text.length).toBeLessThan(1_000);
  });
});

const aRequest = {
  messages: [{ role: 'user', content: 'Hi' }],
  sampling: { temperature: 0 },
  form: { kind: 'text' },
  maxOutputTokens: 8,
  stop: [],
  priority: 0,
} as const;
