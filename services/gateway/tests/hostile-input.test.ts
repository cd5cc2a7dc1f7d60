import { connect } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiKey, BootedGateway } from './support/booted-gateway.ts';
import type { GatewayRequest } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';
import { anything, jsonOf, loose, nasty, number } from './support/hostile-values.ts';
import { fleetPeer, modelPeer } from './support/other-peers.ts';
import { RecordPeer } from './support/record-peer.ts';

const longestMs = 5000;

const part = fc.record(
  {
    type: loose(fc.constantFrom('text', 'input_text', 'image_url', 'refusal')),
    text: loose(nasty),
    refusal: loose(nasty),
  },
  { requiredKeys: [] },
);
const message = fc.record(
  {
    role: loose(fc.constantFrom('user', 'assistant', 'system', 'tool')),
    type: loose(fc.constantFrom('message', 'function_call')),
    content: loose(fc.oneof(nasty, fc.array(part, { maxLength: 3 }))),
    name: loose(nasty),
  },
  { requiredKeys: ['role', 'content'] },
);
const format = fc.record(
  {
    type: loose(fc.constantFrom('text', 'json_object', 'json_schema')),
    name: loose(nasty),
    schema: anything,
    json_schema: anything,
  },
  { requiredKeys: ['type'] },
);
const body = fc.record(
  {
    model: loose(nasty),
    messages: loose(fc.array(message, { maxLength: 4 })),
    input: loose(fc.oneof(nasty, fc.array(message, { maxLength: 4 }))),
    stream: loose(fc.boolean()),
    stream_options: anything,
    store: loose(fc.boolean()),
    stop: loose(fc.array(nasty, { maxLength: 5 })),
    seed: loose(number),
    temperature: loose(number),
    top_p: loose(number),
    max_tokens: loose(number),
    max_output_tokens: loose(number),
    response_format: loose(format),
    text: anything,
    logit_bias: loose(fc.dictionary(nasty, number)),
    metadata: loose(fc.dictionary(nasty, nasty)),
    user: loose(nasty),
    tools: anything,
    n: loose(number),
    previous_response_id: loose(nasty),
    instructions: loose(nasty),
  },
  { requiredKeys: ['messages', 'input'] },
);

describe('hostile input', () => {
  const dialogue = new DialoguePeer();
  const others = [modelPeer(), new RecordPeer().peer, fleetPeer()] as const;
  let gateway: BootedGateway;

  beforeAll(async () => {
    const [models, logging, monitoring] = others;
    await Promise.all([dialogue.peer, ...others].map((peer) => peer.listen()));
    gateway = await BootedGateway.start({
      PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address,
      PARLEY_MODEL_ADDRESS: models.address,
      PARLEY_LOGGING_ADDRESS: logging.address,
      PARLEY_MONITORING_ADDRESS: monitoring.address,
    });
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    for (const peer of [dialogue.peer, ...others]) peer.kill();
  });

  async function harmless(path: string, init: GatewayRequest): Promise<void> {
    const response = await gateway.fetch(path, { ...init, signal: AbortSignal.timeout(longestMs) });
    const text = await response.text();
    expect(response.status, text.slice(0, 500)).toBeLessThan(500);
    if (response.status >= 400) expect(response.headers.get('content-type')).toMatch(/problem\+json/);
  }

  it.each(['/v1/chat/completions', '/v1/responses'])(
    'in the body of %s never makes a 5xx, a hang or a crash',
    async (path) => {
      await fc.assert(
        fc.asyncProperty(body, (value) =>
          harmless(path, {
            method: 'POST',
            body: jsonOf(value),
            headers: { 'content-type': 'application/json' },
          }),
        ),
        { numRuns: 250 },
      );
    },
  );

  it('as any bytes never does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        harmless('/v1/responses', {
          method: 'POST',
          body: Buffer.from(bytes),
          headers: { 'content-type': 'application/json' },
        }),
      ),
      { numRuns: 100 },
    );
  });

  it('in paths and queries never does', async () => {
    const segment = nasty.map((text) => encodeURIComponent(text.toWellFormed()));
    const path = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('/v1/responses/', '/v1/models/', '/v1/', '/admin/v1/', '/admin/v1/turns/', '/'),
          segment,
        )
        .map((parts) => parts.join('')),
      fc
        .tuple(fc.constantFrom('stream', 'starting_after', 'limit', 'order', '__proto__'), segment)
        .map(([key, value]) => `/v1/responses/resp_1_${'0'.repeat(32)}?${key}=${value}`),
      segment.map((value) => `/admin/v1/events?limit=${value}&type=${value}&after=${value}`),
    );
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom('GET', 'POST', 'DELETE', 'PUT'), (value, method) =>
        harmless(value, { method }),
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['prototype keys', '{"__proto__":{"stream":true},"constructor":{"prototype":{"x":1}},"input":"Hi"}', 200],
    ['a prototype key in metadata', '{"input":"Hi","metadata":{"__proto__":"x"}}', 200],
    ['a repeated key', '{"input":1,"input":"Hi"}', 200],
    ['null bytes', '{"input":"a\\u0000b"}', 200],
    ['a lone surrogate', '{"input":"\\ud800","metadata":{"a":"\\udfff"},"instructions":"\\ud83d"}', 200],
    ['a number beyond all', '{"input":"Hi","temperature":1e999}', 400],
    ['a seed beyond 64 bits', '{"model":"m","messages":[{"role":"user","content":"x"}],"seed":1e300}', 400],
    ['a byte order mark', '\uFEFF{"input":"Hi"}', 400],
    [
      'a schema that nests deep',
      `{"input":"Hi","text":{"format":{"type":"json_schema","name":"a","schema":${'{"a":'.repeat(63)}{}${'}'.repeat(63)}}}}`,
      400,
    ],
  ])('as %s is read as what it is', async (_what, text, status) => {
    const response = await gateway.post('/v1/responses', text);
    const chat = await gateway.post('/v1/chat/completions', text);
    expect([response.status, chat.status]).toContain(status);
    expect(Math.max(response.status, chat.status)).toBeLessThan(500);
    expect(Object.prototype).not.toHaveProperty('stream');
  });

  it('lets no key of a prototype through to dialogue', async () => {
    await gateway.post('/v1/responses', '{"input":"Hi","metadata":{"__proto__":"x","constructor":"y"}}');
    expect(dialogue.requests.at(-1)?.metadata).toEqual({ constructor: 'y' });
  });

  it.each([
    ['no HTTP at all', 'GARBAGE\r\n\r\n'],
    ['a header that never ends', `GET / HTTP/1.1\r\nx: ${'a'.repeat(100_000)}`],
    [
      'two lengths',
      'POST /v1/responses HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    ],
    [
      'a length and chunks',
      'POST /v1/responses HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
    ],
    ['a negative length', 'POST /v1/responses HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n'],
    ['a null byte in the path', 'GET /v1/\0 HTTP/1.1\r\nhost: x\r\n\r\n'],
    [
      'an upgrade to nothing',
      'GET /v1/responses HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
    ],
  ])('on the wire as %s is answered and cut', async (_what, bytes) => {
    const text = await rawAnswer(gateway.url, bytes);
    expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('of many requests in one packet whose client leaves keeps nothing running', async () => {
    const request = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${apiKey}\r\ncontent-type: application/json\r\n`;
    const chat = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'x' }] });
    const usual = dialogue.answer;
    dialogue.answer = async function* (_request, turn) {
      await new Promise((resolve) => turn.cancelled.addEventListener('abort', resolve));
      yield '';
    };
    const before = dialogue.requests.length;
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`${request}content-length: ${chat.length}\r\n\r\n${chat}`.repeat(5));
    await expect.poll(() => dialogue.requests.length - before, { timeout: 5000 }).toBe(5);
    socket.destroy();
    await expect
      .poll(() => gateway.runtime.metrics.text(), { timeout: 5000 })
      .toMatch(/parley_gateway_inflight_requests\{[^}]*protocol="http"[^}]*\} 0/);
    dialogue.answer = usual;
  });

  it('leaves the gateway able to serve', async () => {
    const response = await gateway.post('/v1/responses', { input: 'Hi' });
    expect(await response.json()).toMatchObject({ status: 'completed' });
  });
});

function rawAnswer(url: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let text = '';
    socket.setTimeout(5000, () => reject(new Error('no answer')));
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      if (text.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
    socket.write(bytes, 'latin1');
  });
}
