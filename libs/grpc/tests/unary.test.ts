import { once } from 'node:events';
import { Deadline, ParleyError } from '@parley/kernel';
import { signalOf, unary } from '@parley/grpc';
import { describe, expect, it } from 'vitest';
import { FleetClient, FleetServer, message, reasonOf, tenant } from './fleet-server.ts';
import type { GetCall } from './fleet-server.ts';

/** A server whose handler waits until its call is over and tells why. */
function silentServer(): { server: FleetServer; over: Promise<ParleyError>; entered: Promise<void> } {
  const over = Promise.withResolvers<ParleyError>();
  const entered = Promise.withResolvers<void>();
  const get = async (call: GetCall): Promise<never> => {
    entered.resolve();
    const signal = signalOf(call);
    await once(signal, 'abort');
    over.resolve(signal.reason as ParleyError);
    throw signal.reason;
  };
  return { server: new FleetServer({ get }), over: over.promise, entered: entered.promise };
}

describe('a unary call', () => {
  it('gives the answer', async () => {
    await using server = await new FleetServer({}).listen();
    using client = new FleetClient([server]);
    expect(reasonOf(await unary(client.getFleet, {}, { tenant }))).toBe('hello');
  });

  it('fails as the server meant it', async () => {
    const error = new ParleyError('model_not_ready', 'Loading.', { retryAfterMs: 700, param: 'model' });
    await using server = await new FleetServer({ get: () => Promise.reject(error) }).listen();
    using client = new FleetClient([server]);
    await expect(unary(client.getFleet, {}, { tenant })).rejects.toMatchObject({
      name: 'ParleyError',
      code: 'model_not_ready',
      message: 'Loading.',
      retryable: true,
      retryAfterMs: 700,
      param: 'model',
    });
  });

  it('that its caller cancels ends at once on both sides', async () => {
    const { server, over, entered } = silentServer();
    await using _ = await server.listen();
    using client = new FleetClient([server]);
    const controller = new AbortController();
    const answer = unary(client.getFleet, {}, { tenant, signal: controller.signal });
    await entered;
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
    expect(await over).toMatchObject({ code: 'cancelled' });
  });

  it('rejects with the reason of the signal when that is an error of ours', async () => {
    const { server } = silentServer();
    await using _ = await server.listen();
    using client = new FleetClient([server]);
    const reason = new ParleyError('overloaded', 'Shed.');
    await expect(unary(client.getFleet, {}, { tenant, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });

  it('ends at its deadline, which the server sees too', async () => {
    const { server, over } = silentServer();
    await using _ = await server.listen();
    using client = new FleetClient([server]);
    await expect(unary(client.getFleet, {}, { tenant, deadline: Deadline.in(150) })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    expect(await over).toMatchObject({ code: 'deadline_exceeded' });
  });

  it('is not made when its deadline has passed', async () => {
    let calls = 0;
    await using server = await new FleetServer({
      get: () => Promise.resolve(message(String(++calls))),
    }).listen();
    using client = new FleetClient([server]);
    await expect(unary(client.getFleet, {}, { tenant, deadline: Deadline.in(0) })).rejects.toMatchObject({
      code: 'deadline_exceeded',
    });
    expect(calls).toBe(0);
  });

  it('takes no longer than the client allows', async () => {
    const { server } = silentServer();
    await using _ = await server.listen();
    using client = new FleetClient([server], { timeoutMs: 100 });
    await expect(unary(client.getFleet, {}, { tenant, deadline: Deadline.in(60_000) })).rejects.toMatchObject(
      { code: 'deadline_exceeded' },
    );
  });

  it('made by a handler inherits the cancellation of the call it serves', async () => {
    const { server: inner, over, entered } = silentServer();
    await using _ = await inner.listen();
    using innerClient = new FleetClient([inner], { self: 'logging' });
    await using outer = await new FleetServer({
      get: (call) => unary(innerClient.getFleet, {}, { tenant, parent: call }),
    }).listen();
    using client = new FleetClient([outer]);
    const controller = new AbortController();
    const answer = unary(client.getFleet, {}, { tenant, signal: controller.signal });
    await entered;
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
    expect(await over).toMatchObject({ code: 'cancelled' });
  });
});

describe('a neighbour that is away', () => {
  it('is unavailable, in words without its address', async () => {
    const gone = await new FleetServer({}).listen();
    gone.kill();
    using client = new FleetClient([gone]);
    const failure = await unary(client.getFleet, {}, { tenant, deadline: Deadline.in(5000) }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'unavailable', retryable: true });
    expect((failure as Error).message).not.toContain('127.0.0.1');
  });

  it('for a moment is waited for by the retries', async () => {
    const first = await new FleetServer({}).listen();
    using client = new FleetClient([first]);
    await unary(client.getFleet, {}, { tenant });
    first.kill();
    const answer = unary(client.getFleet, {}, { tenant, deadline: Deadline.in(10_000) });
    await using second = await new FleetServer({ get: () => Promise.resolve(message('back')) }).listen(
      first.port,
    );
    expect(reasonOf(await answer)).toBe('back');
    expect(second.port).toBe(first.port);
  });

  it('that dies in mid-call is unavailable', async () => {
    const { server, entered } = silentServer();
    await server.listen();
    using client = new FleetClient([server]);
    const answer = unary(client.getFleet, {}, { tenant, deadline: Deadline.in(5000) });
    void entered.then(() => server.kill());
    await expect(answer).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });
});

describe('several addresses', () => {
  it('are used in turn', async () => {
    const counts = [0, 0];
    const counting = (index: 0 | 1) =>
      new FleetServer({
        get: () => {
          counts[index] = (counts[index] ?? 0) + 1;
          return Promise.resolve(message('x'));
        },
      }).listen();
    await using one = await counting(0);
    await using two = await counting(1);
    using client = new FleetClient([one, two]);
    await unary(client.getFleet, {}, { tenant });
    await expect
      .poll(async () => {
        for (let call = 0; call < 10; call++) await unary(client.getFleet, {}, { tenant });
        return Math.min(...counts);
      })
      .toBeGreaterThan(5);
  });

  it('serve on while one of them is away', async () => {
    await using alive = await new FleetServer({}).listen();
    const gone = await new FleetServer({}).listen();
    gone.kill();
    using client = new FleetClient([gone, alive]);
    for (let call = 0; call < 10; call++) {
      expect(reasonOf(await unary(client.getFleet, {}, { tenant }))).toBe('hello');
    }
  });
});
