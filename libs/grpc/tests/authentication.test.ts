import { Secret } from '@parley/config';
import { callContext, unary } from '@parley/grpc';
import type { CallContext } from '@parley/grpc';
import { Deadline } from '@parley/kernel';
import { Metadata, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FleetClient, FleetServer, message, tenant } from './fleet-server.ts';

describe('an internal call', () => {
  let server: FleetServer;
  let seen: CallContext | undefined;

  beforeAll(async () => {
    server = await new FleetServer({
      get: (call) => {
        seen = callContext(call);
        return Promise.resolve(message('hello'));
      },
    }).listen();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it('brings caller, tenant, trace and deadline to the handler', async () => {
    using client = new FleetClient([server]);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await unary(client.getFleet, {}, { tenant, traceparent, deadline: Deadline.in(5000) });
    expect(seen).toMatchObject({ caller: 'gateway', tenant, traceparent });
    const remainingMs = seen?.deadline?.remainingMs() ?? 0;
    expect(remainingMs).toBeGreaterThan(2000);
    expect(remainingMs).toBeLessThanOrEqual(5000);
  });

  it('has a deadline even when none is given', async () => {
    using client = new FleetClient([server]);
    await unary(client.getFleet, {}, { tenant });
    expect(seen?.deadline?.remainingMs()).toBeGreaterThan(20_000);
  });

  it('of a service that may not make it is refused', async () => {
    using client = new FleetClient([server], { self: 'model' });
    await expect(unary(client.getFleet, {}, { tenant })).rejects.toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining('model'),
      cause: { code: status.PERMISSION_DENIED },
    });
  });

  it('with a token of another fleet is refused', async () => {
    using client = new FleetClient([server], { secrets: [new Secret('x'.repeat(43))] });
    await expect(unary(client.getFleet, {}, { tenant })).rejects.toMatchObject({
      code: 'unauthenticated',
      cause: { code: status.UNAUTHENTICATED },
    });
  });

  it.each([undefined, 'Bearer', 'Bearer a.b', 'Basic abc'])(
    'with authorization %j never reaches the handler',
    async (header) => {
      using client = new FleetClient([server]);
      seen = undefined;
      const metadata = new Metadata();
      if (header !== undefined) metadata.set('authorization', header);
      const error = await new Promise((resolve) => client.raw.getFleet({}, metadata, resolve));
      expect(error).toMatchObject({ code: status.UNAUTHENTICATED });
      expect(seen).toBeUndefined();
    },
  );

  it('outside the interceptor has no context', () => {
    expect(() => callContext(new Metadata())).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
  });
});
