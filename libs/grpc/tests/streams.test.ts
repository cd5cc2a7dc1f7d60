import { once } from 'node:events';
import { RpcException } from '@nestjs/microservices';
import type { fleet } from '@parley/contracts';
import { Deadline, ParleyError, sleep } from '@parley/kernel';
import { outgoing, relay, relayCall, serverStream, signalOf, toRpcException } from '@parley/grpc';
import type { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { FleetClient, FleetServer, message, reasonOf, tenant } from './fleet-server.ts';
import type { WatchCall } from './fleet-server.ts';

/** Ends the call with the Observable, as Nest's transport does behind a service's error filter. */
function answerWith(observable: Observable<never>, call: WatchCall): void {
  const subscription = observable.subscribe({
    complete: () => call.end(),
    error: (error: unknown) => call.emit('error', toRpcException(error).getError()),
  });
  call.once('cancelled', () => subscription.unsubscribe());
}

/** A source that counts what is taken from it and knows when it is left. */
class CountedSource {
  produced = 0;
  readonly left = Promise.withResolvers<void>();
  readonly #limit: number;
  readonly #text: string;

  constructor(limit: number, text = '') {
    this.#limit = limit;
    this.#text = text;
  }

  async *read(): AsyncGenerator<string> {
    try {
      while (this.produced < this.#limit) yield `${this.produced++}${this.#text}`;
    } finally {
      this.left.resolve();
    }
  }
}

function relaying(source: AsyncIterable<string>): FleetServer {
  return new FleetServer({ watch: (call) => answerWith(relay(source, call, message), call) });
}

async function collect(stream: AsyncIterable<fleet.FleetStatus>): Promise<string[]> {
  const reasons: string[] = [];
  for await (const status of stream) reasons.push(reasonOf(status));
  return reasons;
}

/** Resolves once `count` has not changed for a while: the producer has stopped. */
async function settled(count: () => number): Promise<number> {
  for (let last = -1; last !== count(); await sleep(150)) last = count();
  return count();
}

describe('a relayed stream', () => {
  it('delivers every message in order, however many there are', async () => {
    await using server = await relaying(new CountedSource(5000).read()).listen();
    using client = new FleetClient([server]);
    const reasons = await collect(serverStream(client.watchFleet, {}, { tenant }));
    expect(reasons).toEqual(Array.from({ length: 5000 }, (_, index) => String(index)));
  });

  it('stops its source while the caller does not read, and goes on when it does', async () => {
    const source = new CountedSource(20_000, 'x'.repeat(4096));
    await using server = await relaying(source.read()).listen();
    using client = new FleetClient([server]);
    const stream = serverStream(client.watchFleet, {}, { tenant });
    await stream.next();
    const paused = await settled(() => source.produced);
    expect(paused).toBeGreaterThan(1);
    expect(paused).toBeLessThan(300);
    for (let read = 0; read < 1000; read++) await stream.next();
    expect(source.produced).toBeGreaterThan(1000);
    stream.cancel();
    await source.left.promise;
  });

  it('skips what the map makes nothing of', async () => {
    const odd = (reason: string): fleet.FleetStatus | undefined =>
      Number(reason) % 2 === 1 ? message(reason) : undefined;
    await using server = await new FleetServer({
      watch: (call) => answerWith(relay(new CountedSource(6).read(), call, odd), call),
    }).listen();
    using client = new FleetClient([server]);
    expect(await collect(serverStream(client.watchFleet, {}, { tenant }))).toEqual(['1', '3', '5']);
  });

  it('ends with the error of its source after all its messages', async () => {
    async function* failing(): AsyncGenerator<string> {
      yield* ['a', 'b'];
      throw new ParleyError('engine_failed', 'The engine died.', { retryAfterMs: 100 });
    }
    await using server = await relaying(failing()).listen();
    using client = new FleetClient([server]);
    const stream = serverStream(client.watchFleet, {}, { tenant });
    expect(reasonOf((await stream.next()).value)).toBe('a');
    expect(reasonOf((await stream.next()).value)).toBe('b');
    await expect(stream.next()).rejects.toMatchObject({
      code: 'engine_failed',
      message: 'The engine died.',
      retryAfterMs: 100,
    });
  });

  it('leaves its source when the caller leaves the loop', async () => {
    const source = new CountedSource(Infinity);
    await using server = await relaying(source.read()).listen();
    using client = new FleetClient([server]);
    for await (const status of serverStream(client.watchFleet, {}, { tenant })) {
      if (reasonOf(status) === '3') break;
    }
    await source.left.promise;
  });

  it('leaves its source when the caller had gone before it began', async () => {
    const entered = Promise.withResolvers<void>();
    const returned = Promise.withResolvers<void>();
    const source: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: true, value: undefined }),
        return: () => {
          returned.resolve();
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    await using server = await new FleetServer({
      watch: (call) => {
        entered.resolve();
        call.once('cancelled', () => relay(source, call, message));
      },
    }).listen();
    using client = new FleetClient([server]);
    const stream = serverStream(client.watchFleet, {}, { tenant });
    await entered.promise;
    stream.cancel();
    await returned.promise;
  });
});

describe('reading a stream', () => {
  it('is left at once though the server is silent', async () => {
    const over = Promise.withResolvers<ParleyError>();
    await using server = await new FleetServer({
      watch: (call) => {
        const signal = signalOf(call);
        call.write(message('only'));
        void once(signal, 'abort').then(() => over.resolve(signal.reason as ParleyError));
      },
    }).listen();
    using client = new FleetClient([server]);
    const stream = serverStream(client.watchFleet, {}, { tenant });
    await stream.next();
    const waiting = stream.next();
    stream.cancel();
    expect(await waiting).toMatchObject({ done: true });
    expect(await over.promise).toMatchObject({ code: 'cancelled' });
  });

  it('throws the reason of a signal that aborts', async () => {
    await using server = await new FleetServer({
      watch: (call) => void call.write(message('only')),
    }).listen();
    using client = new FleetClient([server]);
    const controller = new AbortController();
    const stream = serverStream(client.watchFleet, {}, { tenant, signal: controller.signal });
    await stream.next();
    const reason = new ParleyError('deadline_exceeded', 'First chunk too late.');
    controller.abort(reason);
    await expect(stream.next()).rejects.toBe(reason);
  });

  it('lets the server end in its own words at the deadline', async () => {
    await using server = await new FleetServer({
      watch: (call) => {
        setTimeout(() => {
          call.write(message('incomplete'));
          call.end();
        }, 300);
      },
    }).listen();
    using client = new FleetClient([server]);
    expect(
      await collect(serverStream(client.watchFleet, {}, { tenant, deadline: Deadline.in(150) })),
    ).toEqual(['incomplete']);
  });

  it('is cut soon after the deadline when the server says nothing, and the server learns why', async () => {
    const over = Promise.withResolvers<ParleyError>();
    await using server = await new FleetServer({
      watch: (call) => {
        const signal = signalOf(call);
        void once(signal, 'abort').then(() => over.resolve(signal.reason as ParleyError));
      },
    }).listen();
    using client = new FleetClient([server]);
    const stream = serverStream(client.watchFleet, {}, { tenant, deadline: Deadline.in(50) });
    await expect(stream.next()).rejects.toMatchObject({ code: 'deadline_exceeded' });
    expect(await over.promise).toMatchObject({ code: 'deadline_exceeded' });
  });

  it('fails as unavailable when the server dies in mid-stream, after what has arrived', async () => {
    const server = await new FleetServer({ watch: (call) => void call.write(message('first')) }).listen();
    using client = new FleetClient([server]);
    const stream = serverStream(client.watchFleet, {}, { tenant });
    expect(reasonOf((await stream.next()).value)).toBe('first');
    server.kill();
    await expect(stream.next()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('fails even when nobody reads at the time of the failure', async () => {
    await using server = await new FleetServer({
      watch: (call) => void call.emit('error', new RpcException({ code: 5, message: 'x' }).getError()),
    }).listen();
    using client = new FleetClient([server]);
    const stream = serverStream(client.watchFleet, {}, { tenant });
    await sleep(100);
    await expect(stream.next()).rejects.toMatchObject({ code: 'not_found' });
  });

  it('does not abort the signal of a call that ends well', async () => {
    const ended = Promise.withResolvers<boolean>();
    await using server = await new FleetServer({
      watch: (call) => {
        const signal = signalOf(call);
        call.end();
        call.once('close', () => ended.resolve(signal.aborted));
      },
    }).listen();
    using client = new FleetClient([server]);
    expect(await collect(serverStream(client.watchFleet, {}, { tenant }))).toEqual([]);
    expect(await ended.promise).toBe(false);
  });
});

describe('a relayed call', () => {
  function hop(innerClient: FleetClient): FleetServer {
    return new FleetServer({
      watch: (call) => {
        const { metadata, callOptions } = outgoing({ tenant, parent: call });
        answerWith(
          relayCall(() => innerClient.watchFleet({}, metadata, callOptions), call),
          call,
        );
      },
    });
  }

  it('holds back the farthest producer while the caller does not read', async () => {
    const source = new CountedSource(20_000, 'x'.repeat(4096));
    await using inner = await relaying(source.read()).listen();
    using innerClient = new FleetClient([inner], { self: 'logging' });
    await using outer = await hop(innerClient).listen();
    using client = new FleetClient([outer]);
    const stream = serverStream(client.watchFleet, {}, { tenant });
    await stream.next();
    expect(await settled(() => source.produced)).toBeLessThan(600);
    stream.cancel();
    await source.left.promise;
  });

  it('passes messages, then the error with its code', async () => {
    async function* failing(): AsyncGenerator<string> {
      yield 'a';
      throw new ParleyError('context_length_exceeded', '900 > 512');
    }
    await using inner = await relaying(failing()).listen();
    using innerClient = new FleetClient([inner], { self: 'logging' });
    await using outer = await hop(innerClient).listen();
    using client = new FleetClient([outer]);
    const stream = serverStream(client.watchFleet, {}, { tenant });
    expect(reasonOf((await stream.next()).value)).toBe('a');
    await expect(stream.next()).rejects.toMatchObject({
      code: 'context_length_exceeded',
      message: '900 > 512',
    });
  });

  it('hands the deadline of its caller on', async () => {
    const deadline = Promise.withResolvers<number>();
    await using inner = await new FleetServer({
      watch: (call) => {
        deadline.resolve(Number(call.getDeadline()) - Date.now());
        call.end();
      },
    }).listen();
    using innerClient = new FleetClient([inner], { self: 'logging' });
    await using outer = await hop(innerClient).listen();
    using client = new FleetClient([outer]);
    await collect(serverStream(client.watchFleet, {}, { tenant, deadline: Deadline.in(5000) }));
    expect(await deadline.promise).toBeLessThanOrEqual(7000);
  });
});
