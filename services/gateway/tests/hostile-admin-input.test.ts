import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../src/domain/operations.ts';
import { BootedGateway } from './support/booted-gateway.ts';
import type { GatewayRequest } from './support/booted-gateway.ts';
import { anything, jsonOf, loose, nasty, number } from './support/hostile-values.ts';
import { ModelPeer } from './support/model-peer.ts';
import { RecordPeer } from './support/record-peer.ts';

const longestMs = 5000;

const text = fc.oneof(nasty, fc.constantFrom('default', 'smollm2', 'hf:a/b', 'file:///etc/passwd'));
const change = fc.record(
  {
    source: loose(text),
    model: loose(text),
    alias: loose(text),
    force: anything,
    ids: anything,
    types: anything,
    conversation: loose(text),
    from: loose(text),
    after: loose(text),
    ['__proto__']: anything,
  },
  { requiredKeys: [] },
);
const textWork = fc.record(
  {
    model: loose(text),
    input: loose(fc.oneof(text, fc.array(loose(text), { maxLength: 4 }), fc.array(number, { maxLength: 4 }))),
    instructions: loose(text),
    encoding_format: loose(fc.constantFrom('float', 'base64', 'hex')),
    dimensions: loose(number),
    previous_response_id: loose(text),
    user: loose(text),
  },
  { requiredKeys: ['input'] },
);

describe('hostile input to what administrators and models do', () => {
  const model = new ModelPeer();
  const record = new RecordPeer();
  let gateway: BootedGateway;

  beforeAll(async () => {
    await Promise.all([model.peer.listen(), record.peer.listen()]);
    gateway = await BootedGateway.start({
      PARLEY_MODEL_ADDRESS: model.peer.address,
      PARLEY_LOGGING_ADDRESS: record.peer.address,
    });
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    model.peer.kill();
    record.peer.kill();
  });

  async function harmless(path: string, init: GatewayRequest): Promise<void> {
    const response = await gateway.fetch(path, { ...init, signal: AbortSignal.timeout(longestMs) });
    const body = await response.text();
    expect(response.status, body.slice(0, 500)).toBeLessThan(500);
    if (response.status >= 400) expect(response.headers.get('content-type')).toMatch(/problem\+json/);
  }

  const post = (path: string, body: string): Promise<void> =>
    harmless(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });

  it.each(operations.filter(({ method, path }) => method === 'POST' && path.startsWith('/admin/')))(
    'in the body of $path never makes a 5xx, a hang or a crash',
    async ({ path }) => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(change, anything), (value) =>
          post(path.replace('{id}', 'job_1'), jsonOf(value)),
        ),
        { numRuns: 60 },
      );
    },
  );

  it.each(['/v1/embeddings', '/v1/responses/input_tokens'])(
    'in the body of %s never makes a 5xx, a hang or a crash',
    async (path) => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(textWork, anything), (value) => post(path, jsonOf(value))),
        { numRuns: 150 },
      );
    },
  );

  it('in paths, queries and the languages of a client never does', async () => {
    const segment = nasty.map((value) => encodeURIComponent(value.toWellFormed()));
    const path = fc.oneof(
      segment.map((value) => `/admin/v1/jobs/${value}`),
      segment.map((value) => `/admin/v1/jobs/${value}/cancel`),
      segment.map((value) => `/admin/v1/models/${value}`),
      segment.map((value) => `/admin/v1/users/${value}/data?tenant=${value}`),
      segment.map((value) => `/admin/v1/events/dead-letters?limit=${value}&after=${value}`),
      segment.map((value) => `/admin/v1/jobs?limit=${value}&${value}=1`),
    );
    const languages = nasty.map((value) => encodeURI(value.toWellFormed()).slice(0, 300));
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom('GET', 'POST', 'DELETE'), languages, (value, method, header) =>
        harmless(value, { method, headers: { 'accept-language': header } }),
      ),
      { numRuns: 150 },
    );
  });

  it('hands a lone surrogate on as text that every encoder takes', async () => {
    await gateway.post('/v1/embeddings', '{"model":"default","input":["a\\ud800"]}');
    expect(model.asked.at(-1)).toMatchObject({ method: 'embed', request: { texts: ['a\ufffd'] } });
  });

  it('leaves the gateway able to serve', async () => {
    expect((await gateway.fetch('/admin/v1/models')).status).toBe(200);
  });
});
