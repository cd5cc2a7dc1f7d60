import { serverStream, unary } from '@parley/grpc';
import { sleep } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { FleetClient, FleetServer, reasonOf, tenant } from './fleet-server.ts';
import type { WatchCall } from './fleet-server.ts';

const many = Array.from({ length: 60 });
/** Until a client has noticed that a connection is there, or is cut; what it sends before fails with it. */
const noticedMs = 500;

/** A server that holds its streams open. */
class Holding {
  readonly calls: WatchCall[] = [];
  readonly server = new FleetServer({ watch: (call) => void this.calls.push(call) });
}

describe('of two instances', () => {
  it('the one that was killed with many streams stands in five seconds later when the other dies', async () => {
    const [first, second] = [new Holding(), new Holding()];
    await first.server.listen();
    await using _ = await second.server.listen();
    using client = new FleetClient([first.server, second.server]);
    await unary(client.getFleet, {}, { tenant });
    await sleep(noticedMs);
    const ends = many.map(async () => {
      const stream = serverStream(client.watchFleet, {}, { tenant });
      for await (const status of stream) reasonOf(status);
    });
    const over = Promise.allSettled(ends);
    while (first.calls.length + second.calls.length < many.length) await sleep(10);
    expect(Math.min(first.calls.length, second.calls.length)).toBeGreaterThanOrEqual(20);
    // All calls of one fail while all of the other succeed: the clearest case of an instance to be put aside.
    first.server.kill();
    await using again = await new FleetServer({}).listen(first.server.port);
    expect(again.port).toBe(first.server.port);
    for (const call of second.calls) call.end();
    await over;
    await sleep(5_000);
    second.server.kill();
    await sleep(noticedMs);
    const answers = await Promise.all(many.map(() => unary(client.getFleet, {}, { tenant })));
    expect(answers.map(reasonOf)).toEqual(many.map(() => 'hello'));
  });
});
