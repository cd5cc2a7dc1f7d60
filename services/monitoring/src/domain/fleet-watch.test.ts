import { describe, expect, it } from 'vitest';
import { FakeFleetEvents } from '../ports/fake-fleet-events.ts';
import { FakeInstanceProbe } from '../ports/fake-instance-probe.ts';
import { FleetView } from './fleet-view.ts';
import { FleetWatch } from './fleet-watch.ts';
import type { Observation } from './observation.ts';
import { StatusFeed } from './status-feed.ts';

const target = { service: 'model', address: '127.0.0.1:1' };

function answered(instanceId: string): Observation {
  const said = { service: 'model', version: '1', residentMemoryBytes: 1, ready: true, checks: [] };
  return { kind: 'answered', description: { ...said, instanceId } };
}

function watchOf() {
  const view = new FleetView([target], { now: () => 0 });
  const feed = new StatusFeed(() => view.status());
  const [probe, events] = [new FakeInstanceProbe(), new FakeFleetEvents()];
  return { probe, events, feed, view, watch: new FleetWatch(probe, view, feed, events) };
}

describe('the watch over the fleet', () => {
  it('tells each change once', async () => {
    const { probe, events, watch } = watchOf();
    const { signal } = new AbortController();
    const seen: (Observation | undefined)[] = [
      undefined,
      undefined,
      answered('i1'),
      answered('i1'),
      answered('i2'),
    ];
    for (const observation of seen) {
      if (observation !== undefined) probe.answers.set(target.address, observation);
      await watch.look(target, signal);
    }
    expect(events.lines).toEqual([
      'model unknown -> down',
      'model down -> ready',
      'model ready -> ready (restarted)',
    ]);
  });

  it('wakes whoever watches', async () => {
    const { feed, watch } = watchOf();
    const { signal } = new AbortController();
    const statuses = feed.watch(signal);
    await statuses.next();
    const waiting = statuses.next();
    await watch.look(target, signal);
    expect((await waiting).value?.instances[0]?.health).toBe('down');
  });

  it('does not take in what it sees while it is told to stop', async () => {
    const { events, view, watch } = watchOf();
    await watch.look(target, AbortSignal.abort());
    expect([events.lines, view.status().instances[0]?.health]).toEqual([[], 'unknown']);
  });
});
