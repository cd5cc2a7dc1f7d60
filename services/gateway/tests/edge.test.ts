import { FleetTokens } from '@parley/grpc';
import { Secret } from '@parley/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../src/domain/operations.ts';
import { BootedGateway, fleetSecret } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';

const publicPaths = ['/healthz', '/readyz', '/openapi.json'];
const chat = { model: 'default', messages: [{ role: 'user', content: 'Hi' }] };

describe('the edge', () => {
  const dialogue = new DialoguePeer();
  let gateway: BootedGateway;

  beforeAll(async () => {
    await dialogue.peer.listen();
    gateway = await BootedGateway.start({ PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address });
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    dialogue.peer.kill();
  });

  async function problemOf(
    response: Response,
  ): Promise<{ detail: string; error: { code: string; param: string | null } }> {
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(response.headers.get('x-request-id')).toMatch(/^[\w.:-]+$/);
    return (await response.json()) as { detail: string; error: { code: string; param: string | null } };
  }

  it.each(operations.filter(({ path }) => !publicPaths.includes(path)))(
    'lets nobody in without a key: $method $path',
    async ({ method, path }) => {
      const url = gateway.url + path.replace('{id}', `resp_1_${'0'.repeat(32)}`);
      for (const authorization of [
        undefined,
        '',
        'Bearer',
        'Bearer ',
        'Bearer wrong',
        'Basic dGVzdC1rZXk=',
        'test-key',
        'Bearer test-key x',
        'Bearer test-key2',
      ]) {
        const response = await fetch(url, {
          method,
          headers: authorization === undefined ? {} : { authorization },
        });
        expect(response.status).toBe(401);
        expect(response.headers.get('www-authenticate')).toBe('Bearer');
        expect((await problemOf(response)).error.code).toBe('unauthenticated');
      }
    },
  );

  it.each([
    '/v1//models',
    '/V1/models',
    '/v1/models/',
    '/./v1/models',
    '/healthz/../v1/models',
    '/healthz%2f..%2fv1/models',
    '/v1/models;/healthz',
    '/%76%31/models',
  ])('is not got around by spelling a path as %s', async (path) => {
    const response = await fetch(gateway.url + path);
    expect([400, 401, 404]).toContain(response.status);
  });

  it.each(publicPaths)('answers %s to anybody', async (path) => {
    expect((await fetch(gateway.url + path)).status).toBe(200);
  });

  it('never serves metrics', async () => {
    expect((await gateway.fetch('/metrics')).status).toBe(404);
  });

  it.each([
    ['GET', '/v1/chat/completions', 'POST'],
    ['PUT', '/v1/responses', 'POST'],
    ['PATCH', `/v1/responses/resp_1_${'0'.repeat(32)}`, 'GET, HEAD, DELETE'],
    ['POST', '/v1/models', 'GET, HEAD'],
    ['OPTIONS', '/admin/v1/fleet', 'GET, HEAD'],
  ])('answers %s %s with 405 and what is allowed', async (method, path, allow) => {
    const response = await gateway.fetch(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect((await problemOf(response)).detail).toContain(allow);
  });

  it.each([
    '/',
    '/nope',
    '/v1',
    '/v1/conversations',
    '/v1/responses/x/y/z',
    '/v1/responses/',
    '/v1/responses/abc',
    '/v1/responses/resp_99_x',
  ])('answers 404 to %s', async (path) => {
    const response = await gateway.fetch(path);
    expect(response.status).toBe(404);
    expect((await problemOf(response)).error.code).toBe('not_found');
  });

  it('answers 404 to an id of any length', async () => {
    expect((await gateway.fetch(`/v1/responses/${'r'.repeat(3000)}`)).status).toBe(404);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    '',
  ])('takes no body of type %j', async (type) => {
    const response = await gateway.fetch('/v1/responses', {
      method: 'POST',
      body: Buffer.from(JSON.stringify({ input: 'Hi' })),
      headers: type === '' ? {} : { 'content-type': type },
    });
    expect(response.status).toBe(415);
    expect((await problemOf(response)).detail).toContain('application/json');
  });

  it('takes JSON with a charset', async () => {
    const response = await gateway.post('/v1/chat/completions', chat, {
      'content-type': 'application/json; charset=utf-8',
    });
    expect(response.status).toBe(200);
  });

  it('takes no body above 1 MiB, and one just below', async () => {
    const large = await gateway.post('/v1/chat/completions', {
      ...chat,
      messages: [{ role: 'user', content: 'x'.repeat(1_100_000) }],
    });
    expect(large.status).toBe(413);
    expect((await problemOf(large)).error.code).toBe('payload_too_large');
    const fitting = await gateway.post('/v1/chat/completions', {
      ...chat,
      messages: [{ role: 'user', content: 'x'.repeat(1_000_000) }],
    });
    expect(fitting.status).toBe(200);
  });

  it.each([
    ['that is cut off', '{"model":', 'not valid JSON'],
    ['that is not there', '', 'missing'],
    ['that is an array', '[1]', 'an array'],
    ['that is a string', '"text"', 'object'],
    ['that is null', 'null', 'null'],
    ['that only opens brackets', `{"a":${'['.repeat(200_000)}`, '64 levels'],
    ['that nests deep', `{"a":${'['.repeat(70)}${']'.repeat(70)}}`, '64 levels'],
    ['of very many values', `{"messages":[${'{},'.repeat(100_000)}{}]}`, '20000 values'],
    [
      'of 513 messages',
      JSON.stringify({ model: 'm', messages: Array.from({ length: 513 }, () => chat.messages[0]) }),
      '512',
    ],
  ])('answers 400 to a body %s, and says so', async (_what, body, words) => {
    const response = await gateway.post('/v1/chat/completions', body);
    expect(response.status).toBe(400);
    expect((await problemOf(response)).detail).toContain(words);
  });

  it('takes a request id that is sane, makes one else, and hands it on', async () => {
    const sane = await gateway.post('/v1/chat/completions', chat, { 'x-request-id': 'abc-1.2:3' });
    expect(sane.headers.get('x-request-id')).toBe('abc-1.2:3');
    expect(dialogue.metadata.at(-1)).toMatchObject({ 'x-request-id': 'abc-1.2:3' });
    for (const insane of ['a b', 'x'.repeat(129), 'é']) {
      const response = await gateway.post('/v1/chat/completions', chat, {
        'x-request-id': Buffer.from(insane).toString('latin1'),
      });
      expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    }
  });

  it('hands a valid traceparent on, and no other', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await gateway.post('/v1/chat/completions', chat, { traceparent });
    expect(dialogue.metadata.at(-1)).toMatchObject({ traceparent });
    await gateway.post('/v1/chat/completions', chat, {
      traceparent: `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
    });
    expect(dialogue.metadata.at(-1)).not.toHaveProperty('traceparent');
  });

  it('calls on behalf of the key’s tenant, signed with the fleet’s secret', async () => {
    await gateway.post('/v1/chat/completions', chat);
    const authorization = String(dialogue.metadata.at(-1)?.['authorization']);
    const verified = new FleetTokens([new Secret(fleetSecret)], 'dialogue').verify(
      authorization.replace('Bearer ', ''),
    );
    expect(verified).toMatchObject({
      caller: 'gateway',
      tenant: { tenant: 'default', role: 'admin', keyId: 'default-admin' },
    });
  });

  it('says how long it took to begin an answer', async () => {
    const response = await gateway.post('/v1/chat/completions', chat);
    expect(response.headers.get('openai-processing-ms')).toMatch(/^\d+$/);
  });

  it('tells dialogue the deadlines, and whether deltas are read', async () => {
    await gateway.post('/v1/chat/completions', chat);
    expect(dialogue.requests.at(-1)).toMatchObject({
      deltas: false,
      store: false,
      firstTokenTimeoutMs: 30_000,
      totalTimeoutMs: 120_000,
    });
    await (await gateway.post('/v1/responses', { input: 'Hi', stream: true })).text();
    expect(dialogue.requests.at(-1)).toMatchObject({ deltas: true, store: true });
  });

  it('answers HEAD without a body, and never with a stream', async () => {
    const made = (await (await gateway.post('/v1/responses', { input: 'Hi' })).json()) as { id: string };
    const response = await gateway.fetch(`/v1/responses/${made.id}?stream=true`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('does not delete a response that runs', async () => {
    const usual = dialogue.answer;
    dialogue.answer = async function* (_request, turn) {
      yield 'One';
      await new Promise((resolve) => turn.cancelled.addEventListener('abort', resolve));
    };
    const streaming = await gateway.post('/v1/responses', { input: 'Hi', stream: true });
    const [id = ''] = [...dialogue.turns.keys()].slice(-1);
    const refused = await gateway.fetch(`/v1/responses/${id}`, { method: 'DELETE' });
    expect(refused.status).toBe(409);
    expect(refused.headers.get('x-should-retry')).toBe('false');
    expect((await gateway.post(`/v1/responses/${id}/cancel`, '')).status).toBe(200);
    await streaming.text();
    dialogue.answer = usual;
  });

  it('describes itself: every operation is in the OpenAPI document, with the schemas that check requests', async () => {
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as {
      paths: Record<
        string,
        Record<
          string,
          { requestBody?: { content: { 'application/json': { schema: { required: string[] } } } } }
        >
      >;
    };
    for (const { method, path } of operations)
      expect(document.paths[path]).toHaveProperty(method.toLowerCase());
    const body = document.paths['/v1/chat/completions']?.['post']?.requestBody;
    expect(body?.content['application/json'].schema.required).toEqual(['model', 'messages']);
  });

  it('counts what it does under the registered names', async () => {
    await expect
      .poll(() => gateway.runtime.metrics.text())
      .toMatch(/parley_gateway_inflight_requests\{[^}]*protocol="http"[^}]*\} 0/);
    const text = await gateway.runtime.metrics.text();
    expect(text).toMatch(/parley_gateway_inflight_requests\{[^}]*protocol="sse"[^}]*\} 0/);
    expect(text).toMatch(
      /parley_gateway_request_duration_seconds_count\{[^}]*route="\/v1\/responses\/:id"[^}]*\} [1-9]/,
    );
    expect(text).toMatch(/parley_gateway_rejected_total\{[^}]*reason="unauthenticated"[^}]*\} [1-9]/);
    expect(text).toMatch(/parley_gateway_time_to_first_chunk_seconds_count\{[^}]*\} [1-9]/);
    expect(text).not.toContain('resp_');
  });
});
