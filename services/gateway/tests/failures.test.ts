import { ParleyError } from '@parley/kernel';
import type { ErrorCode } from '@parley/kernel';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer, flushed } from './support/dialogue-peer.ts';
import { allEvents } from './support/sse-client.ts';

interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  error: { message: string; type: string; param: string | null; code: string };
}

describe('a request that fails', () => {
  const dialogue = new DialoguePeer();
  const usual = dialogue.answer;
  let gateway: BootedGateway;

  beforeAll(async () => {
    await dialogue.peer.listen();
    gateway = await BootedGateway.start({ PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address });
  });

  afterEach(() => {
    dialogue.answer = usual;
    dialogue.refuse = () => undefined;
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    dialogue.peer.kill();
  });

  const chat = { model: 'default', messages: [{ role: 'user', content: 'Hi' }] };

  it('is started once more when the instance that was asked dies without an answer, not more often', async () => {
    for (const body of [chat, { ...chat, stream: true }]) {
      dialogue.deaths = 1;
      const asked = dialogue.metadata.length;
      const response = await gateway.post('/v1/chat/completions', body);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('Hel');
      expect(dialogue.metadata.length - asked).toBe(2);
    }
    dialogue.deaths = 2;
    const response = await gateway.post('/v1/chat/completions', chat);
    expect(response.status).toBe(503);
    expect(dialogue.deaths).toBe(0);
  });

  it.each([
    ['model_not_found', 404],
    ['context_length_exceeded', 400],
    ['model_not_ready', 503],
    ['engine_failed', 503],
    ['overloaded', 503],
    ['rate_limited', 429],
    ['deadline_exceeded', 504],
    ['conflict', 409],
    ['internal', 500],
  ] as const satisfies readonly (readonly [ErrorCode, number])[])(
    'before its turn begins with %s is answered %i, streamed or not',
    async (code, status) => {
      dialogue.refuse = () =>
        new ParleyError(code, 'What dialogue says.', { param: 'model', retryAfterMs: 2500 });
      for (const [path, body] of [
        ['/v1/chat/completions', chat],
        ['/v1/chat/completions', { ...chat, stream: true }],
        ['/v1/responses', { input: 'Hi' }],
        ['/v1/responses', { input: 'Hi', stream: true }],
      ] as const) {
        const response = await gateway.post(path, body);
        const problem = (await response.json()) as ProblemBody;
        expect(response.status).toBe(status);
        expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
        expect(problem).toMatchObject({
          status,
          detail: 'What dialogue says.',
          error: { code, param: 'model' },
        });
        expect(problem.instance).toContain(response.headers.get('x-request-id'));
        expect(response.headers.get('retry-after')).toBe(status === 503 || status === 429 ? '3' : null);
        expect(response.headers.get('retry-after-ms')).toBe(status === 503 || status === 429 ? '2500' : null);
        expect(response.headers.get('x-should-retry')).toBe(
          status === 409 || status === 504 ? 'false' : null,
        );
      }
    },
  );

  it('by its model before the first token is an HTTP error of a chat, streamed or not', async () => {
    dialogue.answer = failing(new ParleyError('engine_failed', 'The engine died.'));
    for (const stream of [true, false]) {
      const response = await gateway.post('/v1/chat/completions', { ...chat, stream });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('1');
    }
  });

  it('by its model before the first token is the event response.failed of a streamed response, an HTTP error else', async () => {
    dialogue.answer = failing(new ParleyError('engine_failed', 'The engine died.'));
    const events = await allEvents(await gateway.post('/v1/responses', { input: 'Hi', stream: true }));
    expect(events[0]?.name).toBe('response.created');
    expect(events.at(-1)?.name).toBe('response.failed');
    expect((await gateway.post('/v1/responses', { input: 'Hi' })).status).toBe(503);
  });

  it('to attach is an HTTP error: 404 for a turn that is not there, 410 for a log that is gone', async () => {
    const unknown = `/v1/responses/resp_1_${'0'.repeat(32)}`;
    expect((await gateway.fetch(`${unknown}?stream=true`)).status).toBe(404);
    expect((await gateway.fetch(`${unknown}?stream=true&starting_after=x`)).status).toBe(400);
    dialogue.refuseAttach = () =>
      new ParleyError('stream_expired', 'The log is gone; the response is still there.');
    const { id } = (await (await gateway.post('/v1/responses', { input: 'Hi' })).json()) as { id: string };
    const expired = await gateway.fetch(`/v1/responses/${id}?stream=true`);
    expect(expired.status).toBe(410);
    expect(await expired.json()).toMatchObject({ error: { code: 'stream_expired' } });
    expect((await gateway.fetch(`/v1/responses/${id}`)).status).toBe(200);
    dialogue.refuseAttach = () => undefined;
  });

  it('by its deadline before the first token is answered 504', async () => {
    dialogue.answer = failing(new ParleyError('deadline_exceeded', 'Too slow.'));
    for (const stream of [true, false]) {
      const response = await gateway.post('/v1/chat/completions', { ...chat, stream });
      expect(response.status).toBe(504);
      expect(response.headers.get('x-should-retry')).toBe('false');
    }
  });

  it('by its deadline after the first token is answered 200 with what there is', async () => {
    dialogue.answer = failing(new ParleyError('deadline_exceeded', 'Too slow.'), 'Hel');
    const whole = await gateway.post('/v1/chat/completions', chat);
    expect(whole.status).toBe(200);
    expect(await whole.json()).toMatchObject({
      choices: [{ finish_reason: 'length', message: { content: 'Hel' } }],
    });
    const streamed = await allEvents(await gateway.post('/v1/chat/completions', { ...chat, stream: true }));
    expect(streamed.at(-2)?.data).toContain('"finish_reason":"length"');
    expect(streamed.at(-1)?.data).toBe('[DONE]');
    const response = await gateway.post('/v1/responses', { input: 'Hi' });
    expect(await response.json()).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'deadline' },
    });
  });

  it('after its first token ends a chat stream with an error event and without [DONE]', async () => {
    dialogue.answer = failing(new ParleyError('engine_failed', 'The engine died.'), 'Hel');
    const events = await allEvents(await gateway.post('/v1/chat/completions', { ...chat, stream: true }));
    expect(events.at(-1)?.name).toBe('error');
    expect(JSON.parse(events.at(-1)?.data ?? '')).toMatchObject({ error: { code: 'engine_failed' } });
    expect(events.some(({ data }) => data === '[DONE]')).toBe(false);
  });

  it('says nothing of the inside when the fault is inside', async () => {
    dialogue.refuse = () =>
      new ParleyError('internal', 'An internal error occurred; the service log has the cause.');
    const text = await (await gateway.post('/v1/chat/completions', chat)).text();
    expect(text).not.toContain(dialogue.peer.address);
    expect(text).not.toMatch(/at .*\.ts/);
  });
});

describe('without a neighbour', () => {
  it('what needs it is answered 503 with a reason, and nothing else fails', async () => {
    await using gateway = await BootedGateway.start({ PARLEY_DIALOGUE_ADDRESS: '127.0.0.1:1' });
    for (const path of ['/v1/models', '/admin/v1/events', '/admin/v1/fleet']) {
      const response = await gateway.fetch(path);
      expect(response.status).toBe(503);
      expect(((await response.json()) as ProblemBody).detail).toMatch(/is not set/);
    }
    const chat = await gateway.post('/v1/chat/completions', {
      model: 'default',
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect(chat.status).toBe(503);
    expect((await gateway.fetch('/healthz')).status).toBe(200);
  });

  it('readiness follows dialogue: not ready without it, ready once it answers', async () => {
    const dialogue = new DialoguePeer();
    await using _peer = await dialogue.peer.listen();
    await using gateway = await BootedGateway.start({ PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address });
    const ready = () => fetch(`${gateway.url}/readyz`).then(({ status }) => status);
    await expect.poll(ready, { timeout: 5000 }).toBe(200);
    dialogue.peer.kill();
    await expect.poll(ready, { timeout: 10_000 }).toBe(503);
    const report = (await (await fetch(`${gateway.url}/readyz`)).json()) as {
      checks: { name: string; reason: string }[];
    };
    expect(report.checks.find(({ name }) => name === 'dialogue')?.reason).toMatch(/does not answer/);
    await dialogue.peer.listen();
    await expect.poll(ready, { timeout: 10_000 }).toBe(200);
  });
});

function failing(error: ParleyError, ...texts: string[]): DialoguePeer['answer'] {
  return async function* () {
    yield* texts;
    await flushed();
    throw error;
  };
}
