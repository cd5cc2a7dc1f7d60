import { status } from '@grpc/grpc-js';
import type { dialogue as wire } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import OpenAI, { APIError } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../src/domain/operations.ts';
import { assistantClient, chatRequest, detailOf, readAll } from './support/assistant-client.ts';
import { apiKey, BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';
import { ModelPeer } from './support/model-peer.ts';
import { metadataOf } from './support/reflected-client.ts';
import { WsClient } from './support/ws-client.ts';

type Key = wire.StartTurnRequest['idempotency'];

const chat = { model: 'default', messages: [{ role: 'user', content: 'Hi' }] } as const;
const header = (key: string) => ({ 'idempotency-key': key });

describe('an Idempotency-Key', () => {
  const dialogue = new DialoguePeer();
  const models = new ModelPeer();
  const usual = dialogue.answer;
  let gateway: BootedGateway;

  beforeAll(async () => {
    await Promise.all([dialogue.peer.listen(), models.peer.listen()]);
    gateway = await BootedGateway.start({
      PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address,
      PARLEY_MODEL_ADDRESS: models.peer.address,
    });
  });
  afterEach(() => {
    dialogue.answer = usual;
    dialogue.refuse = () => undefined;
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    dialogue.peer.kill();
    models.peer.kill();
  });

  function client(maxRetries: number): OpenAI {
    return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries });
  }

  const lastKey = (): Key => dialogue.requests.at(-1)?.idempotency;

  async function keyOf(path: string, body: unknown, key = 'order-17'): Promise<Key> {
    expect((await gateway.post(path, body, header(key))).status).toBe(200);
    return lastKey();
  }

  it('goes to dialogue with its operation and a digest of the body; without one there is none', async () => {
    const key = await keyOf('/v1/responses', { input: 'Hi' });
    expect(key).toEqual({
      route: 'POST /v1/responses',
      key: 'order-17',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await keyOf('/v1/chat/completions', chat)).toMatchObject({ route: 'POST /v1/chat/completions' });
    await gateway.post('/v1/responses', { input: 'Hi' });
    expect(lastKey()).toBeUndefined();
  });

  it('stands for a body: the order of fields and white space do not matter, everything else does', async () => {
    const key = await keyOf('/v1/responses', '{"input":"Hi","metadata":{"a":"1","b":"2"}}');
    expect(await keyOf('/v1/responses', '{ "metadata": {"b":"2", "a":"1"}, "input":"Hi" }')).toEqual(key);
    const others = ['{"input":"Hi","metadata":{"a":"1"}}', '{"input":"Ho","metadata":{"a":"1","b":"2"}}'];
    for (const other of others) {
      expect((await keyOf('/v1/responses', other))?.fingerprint).not.toBe(key?.fingerprint);
    }
  });

  it('takes 1 to 255 printable ASCII characters', async () => {
    for (const key of ['x', '~'.repeat(255), 'a key with spaces!']) {
      expect((await keyOf('/v1/responses', { input: 'Hi' }, key))?.key).toBe(key);
    }
  });

  const posts = operations.filter(({ method }) => method === 'POST').map(({ path }) => path);

  it.each(posts)('that cannot be one is refused by POST %s, and the header is named', async (path) => {
    const bodies: Record<string, object> = {
      '/v1/chat/completions': chat,
      '/v1/responses': { input: 'Hi' },
      '/v1/responses/input_tokens': { model: 'default', input: 'Hi' },
      '/v1/embeddings': { model: 'default', input: 'Hi' },
      '/admin/v1/models/pull': { source: 'smollm2-135m' },
      '/admin/v1/models/load': { model: 'smollm2' },
      '/admin/v1/models/unload': { model: 'smollm2' },
      '/admin/v1/models/switch': { alias: 'default', model: 'smollm2' },
      '/admin/v1/models/rollback': { alias: 'default' },
    };
    const before = dialogue.requests.length;
    for (const key of ['', 'x'.repeat(256), 'tab\there', 'caf\u00e9']) {
      const response = await gateway.post(path.replace('{id}', 'job_1'), bodies[path] ?? {}, header(key));
      expect(response.status, `"${key}"`).toBe(400);
      expect(await response.json()).toMatchObject({
        error: { code: 'invalid_request', param: 'Idempotency-Key' },
      });
    }
    expect(dialogue.requests.length).toBe(before);
  });

  it('that came with another body before is answered 422, which no client tries again', async () => {
    dialogue.refuse = () =>
      new ParleyError('idempotency_mismatch', 'This Idempotency-Key was used with another request body.', {
        param: 'Idempotency-Key',
      });
    for (const body of [{ input: 'Hi' }, { input: 'Hi', stream: true }]) {
      const response = await gateway.post('/v1/responses', body, header('k'));
      expect(response.status).toBe(422);
      expect(response.headers.get('x-should-retry')).toBe('false');
      expect(await response.json()).toMatchObject({
        title: 'Idempotency-Key used with another body',
        error: { code: 'idempotency_mismatch', param: 'Idempotency-Key' },
      });
    }
    const asked = dialogue.metadata.length;
    const refused = client(3).responses.create({ input: 'Hi' }, { headers: header('k') });
    await expect(refused).rejects.toMatchObject({ status: 422, code: 'idempotency_mismatch' });
    expect(dialogue.metadata.length - asked).toBe(1);
  });

  it('goes with every try of the official client when it is given as a header', async () => {
    const seen: Key[] = [];
    dialogue.refuse = ({ idempotency }) => {
      seen.push(idempotency);
      if (seen.length > 2) return undefined;
      return new ParleyError('unavailable', 'Away for a moment.', { retryAfterMs: 1 });
    };
    const response = await client(3).responses.create({ input: 'Hi' }, { headers: header('order-18') });
    expect(response.output_text).toBe('Hello world');
    expect(seen).toHaveLength(3);
    expect(seen[0]?.key).toBe('order-18');
    expect(new Set(seen.map((key) => JSON.stringify(key))).size).toBe(1);
  });

  it('is not sent by the official client’s own option, which names no header', async () => {
    await client(0).responses.create({ input: 'Hi' }, { idempotencyKey: 'order-18' });
    expect(lastKey()).toBeUndefined();
  });

  it('keeps a bad outcome, so a client is told not to send the same again', async () => {
    dialogue.answer = async function* () {
      yield* [];
      throw new ParleyError('engine_failed', 'The engine died.');
    };
    for (const [path, body] of [
      ['/v1/responses', { input: 'Hi' }],
      ['/v1/chat/completions', chat],
      ['/v1/chat/completions', { ...chat, stream: true }],
    ] as const) {
      const kept = await gateway.post(path, body, header('k'));
      expect(kept.status).toBe(503);
      expect(kept.headers.get('x-should-retry')).toBe('false');
      expect(kept.headers.get('retry-after')).toBeNull();
      expect(((await kept.json()) as { detail: string }).detail).toContain('send another key');
      const free = await gateway.post(path, body);
      expect(free.headers.get('retry-after')).toBe('1');
    }
    const asked = dialogue.requests.length;
    const failing = client(3).responses.create({ input: 'Hi' }, { headers: header('k') });
    await expect(failing).rejects.toBeInstanceOf(APIError);
    expect(dialogue.requests.length - asked).toBe(1);
  });

  it('comes over WebSocket as a field of the frame, whose names do not count', async () => {
    await using socket = await WsClient.open(gateway);
    const frame = { type: 'response.create', input: 'Hi', idempotency_key: 'order-19' };
    const keys: Key[] = [];
    for (const names of [{}, { event_id: 'e', stream_id: 's' }]) {
      socket.send({ ...frame, ...names });
      await socket.until('response.completed');
      keys.push(lastKey());
    }
    expect(keys[0]).toMatchObject({ route: 'response.create', key: 'order-19' });
    expect(keys[1]).toEqual(keys[0]);
    socket.send({ ...frame, idempotency_key: '' });
    expect(await socket.until('error')).toMatchObject({
      code: 'invalid_request',
      param: 'idempotency_key',
    });
  });

  it('comes over gRPC as metadata', async () => {
    const grpc = assistantClient(gateway);
    const metadata = (key: string) => metadataOf({ 'x-api-key': apiKey, 'idempotency-key': key });
    const keys: Key[] = [];
    for (const pairs of [
      { a: '1', b: '2' },
      { b: '2', a: '1' },
    ]) {
      const { error } = await readAll(grpc.chat(chatRequest('Hi', { metadata: pairs }), metadata('k')));
      expect(error).toBeUndefined();
      keys.push(lastKey());
    }
    expect(keys[0]).toMatchObject({ route: 'parley.gateway.v1.Assistant/Chat', key: 'k' });
    expect(keys[1]).toEqual(keys[0]);
    await readAll(grpc.chat(chatRequest('Ho'), metadata('k')));
    expect(lastKey()?.fingerprint).not.toBe(keys[0]?.fingerprint);
    const { error } = await readAll(grpc.chat(chatRequest('Hi'), metadata('x'.repeat(256))));
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
    expect(detailOf(error)).toMatchObject({ code: 'invalid_request', param: 'idempotency-key' });
    grpc.close();
  });

  it('goes to the model service with whatever starts a job', async () => {
    const moves = {
      pull: { source: 'smollm2-135m' },
      load: { model: 'smollm2' },
      unload: { model: 'smollm2' },
      switch: { alias: 'default', model: 'smollm2' },
      rollback: { alias: 'default' },
    };
    for (const [move, body] of Object.entries(moves)) {
      const path = `/admin/v1/models/${move}`;
      expect((await gateway.post(path, body, header('move-1'))).status).toBe(202);
      expect(models.asked.at(-1)).toMatchObject({
        method: move,
        request: { ...body, idempotency: { route: `POST ${path}`, key: 'move-1' } },
      });
    }
  });

  it('is described for every POST', async () => {
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>;
    };
    for (const { method, path } of operations) {
      const names = document.paths[path]?.[method.toLowerCase()]?.parameters?.map(({ name }) => name) ?? [];
      expect(names.includes('Idempotency-Key'), `${method} ${path}`).toBe(method === 'POST');
    }
  });
});
