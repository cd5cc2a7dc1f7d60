import { join } from 'node:path';
import { array, assert, asyncProperty, constantFrom, integer, nat, record } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestFleet, eventually, textOf } from './support/test-fleet.ts';
import { cancels, views } from './support/views.ts';
import type { GatewayPlace, Protocol, SeenEvent } from './support/views.ts';

const protocols = ['sse', 'websocket', 'grpc'] as const satisfies readonly Protocol[];

/** One connection of a reader: over what, to which gateway, and after how many events it is cut. */
interface Leg {
  readonly protocol: Protocol;
  readonly gateway: number;
  readonly events: number;
}

const leg: Arbitrary<Leg> = record({
  protocol: constantFrom(...protocols),
  gateway: nat(1),
  events: integer({ min: 1, max: 40 }),
});

const scenario = record({
  readers: array(array(leg, { minLength: 1, maxLength: 6 }), { minLength: 3, maxLength: 6 }),
  kill: constantFrom('nobody', 'gateway 0', 'gateway 1', 'dialogue 0', 'dialogue 1'),
  killAfterMs: integer({ min: 200, max: 1_500 }),
});

/** One stored turn, shown over SSE, WebSocket and gRPC by two gateways in front of two dialogue instances. */
describe('one turn, three views', () => {
  let fleet: TestFleet;
  beforeAll(async () => {
    fleet = await TestFleet.start({
      configDir: join(import.meta.dirname, 'fixtures/simulated'),
      replicas: { gateway: 2, dialogue: 2 },
    });
  });
  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await everyoneIsReady();
  });

  function place(index: number): GatewayPlace {
    const gateway = fleet.fleet
      .instances()
      .find((instance) => instance.service === 'gateway' && instance.index === index);
    if (gateway?.url === undefined || gateway.publicGrpcAddress === undefined)
      throw new Error(`there is no gateway ${index}`);
    return { url: gateway.url, publicGrpcAddress: gateway.publicGrpcAddress, apiKey: fleet.fleet.apiKey };
  }

  async function startTurn(tokens = 120): Promise<string> {
    const response = await fleet.post('/v1/responses', {
      model: 'default',
      input: 'Tell me a long story.',
      max_output_tokens: tokens,
      stream: true,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    if (reader === undefined) throw new Error('no stream');
    for (;;) {
      text += (await reader.read()).value ?? '';
      const id = /"id":"(resp_[^"]+)"/.exec(text)?.[1];
      if (id === undefined) continue;
      // The one who started it goes; the turn stays.
      await reader.cancel();
      return id;
    }
  }

  /** Reads with its legs in turn, cut after each; then again and again until the end. */
  async function read(id: string, legs: readonly Leg[]): Promise<SeenEvent[]> {
    const all: SeenEvent[] = [];
    const until = Date.now() + 60_000;
    for (let n = 0; all.at(-1)?.ended !== true; n++) {
      if (Date.now() > until) throw new Error('the turn did not end within 60 s');
      const { protocol, gateway, events } = legs[n % legs.length] ?? {
        protocol: 'sse',
        gateway: 0,
        events: 1,
      };
      const most = n < legs.length ? events : Infinity;
      await readLeg(all, protocol, place(gateway), id, most).catch(async () => {
        // Its gateway was killed, or is not back yet.
        await new Promise((resolve) => setTimeout(resolve, 100));
      });
    }
    return all;
  }

  async function readLeg(
    all: SeenEvent[],
    protocol: Protocol,
    at: GatewayPlace,
    id: string,
    most: number,
  ): Promise<void> {
    const cut = new AbortController();
    let count = 0;
    try {
      for await (const event of views[protocol](at, id, all.at(-1)?.sequence, cut.signal)) {
        all.push(event);
        count += 1;
        if (count >= most || event.ended) return;
      }
    } finally {
      cut.abort();
    }
  }

  async function expectSameForAll(id: string, logs: readonly SeenEvent[][]): Promise<void> {
    const answer = await fleet.json<{ output: { content: { text: string }[] }[] }>(`/v1/responses/${id}`);
    const text = answer.output.flatMap((item) => item.content.map((part) => part.text)).join('');
    for (const log of logs) {
      expect(log.map((event) => event.sequence)).toEqual(log.map((_, index) => index));
      expect(log.map((event) => event.delta).join('')).toBe(text);
      expect(log).toHaveLength(logs[0]?.length ?? 0);
    }
    const recorded = await eventually('the terminal event is in the record', 15_000, async () => {
      const found = await fleet.terminalEvents(id);
      return found.length > 0 ? found : undefined;
    });
    expect(recorded).toHaveLength(1);
    expect(textOf(recorded[0])).toBe(text);
  }

  async function everyoneIsReady(): Promise<void> {
    await eventually('all instances are ready', 30_000, async () =>
      Promise.resolve(fleet.fleet.instances().every(({ state }) => state === 'ready') ? true : undefined),
    );
  }

  it('is the same for every reader, cut and attached at random while processes are killed', async () => {
    await assert(
      asyncProperty(scenario, async ({ readers, kill, killAfterMs }) => {
        const id = await startTurn();
        const reading = Promise.all(readers.map((legs) => read(id, legs)));
        const [service, index] = kill.split(' ');
        if (service === 'gateway' || service === 'dialogue') {
          await new Promise((resolve) => setTimeout(resolve, killAfterMs));
          fleet.fleet.kill(service, Number(index), 'SIGKILL');
        }
        const logs = await reading;
        await everyoneIsReady();
        await expectSameForAll(id, logs);
      }),
      { numRuns: Number(process.env['PARLEY_PROPERTY_RUNS'] ?? 8), endOnFailure: true },
    );
  }, 300_000);

  it('can be read over each protocol after its end, from any number', async () => {
    const id = await startTurn(30);
    const whole = await read(id, [{ protocol: 'sse', gateway: 1, events: Infinity }]);
    for (const protocol of protocols) {
      const after = Math.floor(whole.length / 2);
      const rest: SeenEvent[] = [];
      const signal = AbortSignal.timeout(10_000);
      for await (const event of views[protocol](place(0), id, after, signal)) rest.push(event);
      expect(rest).toEqual(whole.slice(after + 1));
    }
  });

  it.each(protocols)('is stopped over %s, and all who read it see its end', async (protocol) => {
    const id = await startTurn();
    const reading = protocols.map((each, gateway) =>
      read(id, [{ protocol: each, gateway: gateway % 2, events: Infinity }]),
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    await cancels[protocol](place(1), id);
    await expectSameForAll(id, await Promise.all(reading));
    expect((await fleet.json<{ status: string }>(`/v1/responses/${id}`)).status).toBe('cancelled');
  });
});
