import { once } from 'node:events';
import { connect } from 'node:http2';
import { Client, credentials } from '@grpc/grpc-js';
import { ParleyError, sleep } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { TestService } from './service-fixture.ts';

describe("a service's gRPC edge", () => {
  it('gives handlers the verified caller and tenant', async () => {
    await using fixture = await TestService.start({
      get: ({ caller, tenant: { tenant, role, keyId, requestId } }) =>
        Promise.resolve([caller, tenant, role, keyId, requestId].join(' ')),
    });
    expect(await fixture.get()).toMatchObject({ instances: [{ reason: 'gateway acme user key-1 req-1' }] });
  });

  it('passes the error of a unary handler with its trailer', async () => {
    const error = new ParleyError('model_not_found', 'No such model; there are: tiny.', { param: 'model' });
    await using fixture = await TestService.start({ get: () => Promise.reject(error) });
    await expect(fixture.get()).rejects.toMatchObject({
      code: 'model_not_found',
      message: error.message,
      param: 'model',
    });
  });

  it('tells nothing of an unexpected error', async () => {
    await using fixture = await TestService.start({ get: () => Promise.reject(new TypeError('hunter2')) });
    await expect(fixture.get()).rejects.toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('hunter2'),
    });
  });

  it('passes the error of a stream with its trailer, after its messages', async () => {
    async function* failing(): AsyncGenerator<string> {
      yield 'a';
      throw new ParleyError('overloaded', 'Full.', { retryAfterMs: 250 });
    }
    await using fixture = await TestService.start({ watch: failing });
    const stream = fixture.watch();
    expect(await stream.next()).toMatchObject({ value: { instances: [{ reason: 'a' }] } });
    await expect(stream.next()).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: 250 });
  });

  it('passes an error thrown before the stream began', async () => {
    const watch = (): never => {
      throw new ParleyError('stream_expired', 'Gone.');
    };
    await using fixture = await TestService.start({ watch });
    await expect(fixture.watch().next()).rejects.toMatchObject({ code: 'stream_expired' });
  });

  it('stops a producer whose reader does not read, through Nest', async () => {
    let produced = 0;
    const left = Promise.withResolvers<void>();
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) yield `${produced++}${'x'.repeat(4096)}`;
      } finally {
        left.resolve();
      }
    }
    await using fixture = await TestService.start({ watch: endless });
    const stream = fixture.watch();
    await stream.next();
    for (let last = -1; last !== produced; await sleep(150)) last = produced;
    expect(produced).toBeLessThan(300);
    stream.cancel();
    await left.promise;
  });

  it('refuses callers that are not listed, but describes itself to monitoring', async () => {
    await using fixture = await TestService.start({}, { name: 'model', allowedCallers: ['gateway'] });
    await expect(fixture.get('dialogue')).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(fixture.get('monitoring')).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(fixture.describe('dialogue')).rejects.toMatchObject({ code: 'permission_denied' });
    const description = await fixture.describe('monitoring');
    expect(description).toMatchObject({
      service: 'model',
      instanceId: fixture.service.runtime.instanceId,
      ready: true,
    });
    expect(description.residentMemoryBytes).toBeGreaterThan(10_000_000);
    expect(description.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(Math.abs(Date.now() - Number(description.startedAt))).toBeLessThan(60_000);
  });

  it('takes a request of 20 MiB', async () => {
    await using fixture = await TestService.start();
    const client = new Client(`127.0.0.1:${fixture.service.grpcPort}`, credentials.createInsecure());
    const big = (bytes: number): Promise<number | undefined> =>
      new Promise((resolve) => {
        const path = '/grpc.health.v1.Health/Check';
        // A message of one unknown field, which a server must skip.
        const request = Buffer.concat([Buffer.from([0xfa, 0x01]), varint(bytes), Buffer.alloc(bytes)]);
        client.makeUnaryRequest(
          path,
          (value: Buffer) => value,
          (value) => value,
          request,
          (error) => resolve(error?.code),
        );
      });
    expect(await big(20 * 1024 * 1024)).toBeUndefined();
    expect(await big(25 * 1024 * 1024)).toBe(8);
    client.close();
  });

  it('answers health checks without a token; only liveness does not follow readiness', async () => {
    await using fixture = await TestService.start();
    const client = new Client(`127.0.0.1:${fixture.service.grpcPort}`, credentials.createInsecure());
    const check = (service: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const name = Buffer.from(service);
        client.makeUnaryRequest(
          '/grpc.health.v1.Health/Check',
          (value: Buffer) => value,
          (value) => value,
          Buffer.concat([Buffer.from([0x0a, name.length]), name]),
          (error, answer) => {
            if (error === null) resolve(answer?.[1]);
            else reject(error);
          },
        );
      });
    const all = (): Promise<(number | undefined)[]> => Promise.all(['', 'readiness', 'liveness'].map(check));
    expect(await all()).toEqual([1, 1, 1]);
    fixture.service.runtime.readiness.add('model', () => ({ ok: false, reason: 'loading' }));
    await expect.poll(all, { timeout: 3000 }).toEqual([2, 2, 1]);
    client.close();
  });

  it('renews old connections where it is told to, so that clients find new instances', async () => {
    await using fixture = await TestService.start({}, {}, { PARLEY_MAX_CONNECTION_AGE_MS: '200' });
    const session = connect(`http://127.0.0.1:${fixture.service.grpcPort}`);
    await once(session, 'goaway');
    session.destroy();
  });
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 128))
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
  return Buffer.from(bytes);
}
