import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sleep } from '@parley/kernel';
import { eventually } from '@parley/testing';
import { startFleet } from './start-fleet.ts';
import { fakeServices, isAlive } from '../tests/fakes/fake-services.ts';
import type { FleetEvent } from './fleet.ts';
import type { FakeServices } from '../tests/fakes/fake-services.ts';

let fakes: FakeServices;
let events: FleetEvent[];
beforeEach(() => {
  fakes = fakeServices();
  events = [];
});
afterEach(() => fakes[Symbol.dispose]());

const onEvent = (event: FleetEvent): void => void events.push(event);
const delays = (): number[] => events.flatMap((event) => (event.type === 'restarting' ? [event.inMs] : []));

describe('a service that dies', () => {
  it('is restarted with growing delays on the same ports, while the others stay up', async () => {
    await using fleet = await startFleet({ ...fakes.options(), onEvent });
    const before = fleet.instances();
    for (let death = 1; death <= 3; death++) {
      fleet.kill('model', 0, 'SIGKILL');
      await eventually(() => {
        const model = fleet.instances().find(({ service }) => service === 'model');
        expect(model).toMatchObject({ state: 'ready', restarts: death });
      });
    }
    expect(delays()).toEqual([250, 500, 1000]);
    expect(events).toContainEqual({
      type: 'exited',
      service: 'model',
      index: 0,
      reason: 'was ended by SIGKILL',
    });

    for (const [i, after] of fleet.instances().entries()) {
      const { pid, restarts, ...same } = before[i] ?? after;
      expect(after).toMatchObject(same);
      if (after.service === 'model') expect(after.pid).not.toBe(pid);
      else expect([after.pid, after.restarts]).toEqual([pid, restarts]);
    }
  });

  it('is left alone after its restart while it waits for its neighbours', async () => {
    const options = { ...fakes.options({ dialogue: 'is ready only once' }), startLimitMs: 5_000 };
    await using fleet = await startFleet({ ...options, onEvent });
    fleet.kill('dialogue', 0, 'SIGKILL');
    await eventually(() =>
      expect(fakes.journal().filter((line) => line === 'dialogue started')).toHaveLength(2),
    );
    const { pid } = fleet.instances().find(({ service }) => service === 'dialogue') ?? {};
    await sleep(5_500);
    expect(fleet.instances()).toContainEqual(
      expect.objectContaining({ service: 'dialogue', pid, state: 'starting' }),
    );
  });

  it('is not restarted once the fleet stops', async () => {
    const fleet = await startFleet({ ...fakes.options(), onEvent });
    fleet.kill('dialogue', 0, 'SIGKILL');
    await eventually(() => expect(delays()).toHaveLength(1));
    await fleet.stop();
    expect(fakes.journal().filter((line) => line === 'dialogue started')).toHaveLength(1);
  });

  it('cannot be signalled while it does not run', async () => {
    await using fleet = await startFleet(fakes.options());
    expect(() => fleet.kill('model', 7, 'SIGTERM')).toThrow('The fleet has no model 7.');
  });
});

describe('stopping a fleet', () => {
  it('ends gateway, dialogue, model, logging and monitoring one after another', async () => {
    const fleet = await startFleet({ ...fakes.options(), replicas: { model: 2 } });
    const pids = fleet.instances().flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    await Promise.all([fleet.stop(), fleet.stop(), fleet.exited]);
    const order = fakes.journal().filter((line) => !line.endsWith('started'));
    const expected = ['gateway', 'dialogue', 'model', 'logging', 'monitoring'].flatMap((service) => {
      const copies = service === 'model' ? 2 : 1;
      return [...Array(copies).fill(`${service} SIGTERM`), ...Array(copies).fill(`${service} ended`)];
    });
    expect(withoutReplicaRaces(order)).toEqual(withoutReplicaRaces(expected));
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('kills a service that does not end in time', async () => {
    const fleet = await startFleet({
      ...fakes.options({ dialogue: 'ignores SIGTERM' }),
      stopLimitMs: 300,
      onEvent,
    });
    await fleet.stop();
    const stopped = events.filter((event) => event.type === 'stopped');
    expect(stopped.map(({ service, forced }) => [service, forced])).toEqual([
      ['gateway', false],
      ['dialogue', true],
      ['model', false],
      ['logging', false],
      ['monitoring', false],
    ]);
  });

  it('can be forced, without waiting for anybody', async () => {
    const fleet = await startFleet(fakes.options({ gateway: 'ignores SIGTERM' }));
    const stopping = fleet.stop();
    await eventually(() => expect(fakes.journal()).toContain('gateway SIGTERM'));
    await fleet.forceStop();
    await stopping;
    expect(fleet.instances().map(({ state }) => state)).toEqual(Array(5).fill('stopped'));
  });

  it('frees the data folder for the next fleet', async () => {
    await (await startFleet(fakes.options())).stop();
    await using next = await startFleet(fakes.options());
    expect(next.instances()).toHaveLength(5);
  });
});

/** Two instances of one service end at the same time: only their order against other services is told. */
function withoutReplicaRaces(lines: string[]): string[] {
  const model = lines.filter((line) => line.startsWith('model')).toSorted();
  const first = lines.findIndex((line) => line.startsWith('model'));
  return lines.toSpliced(first, model.length, ...model);
}
