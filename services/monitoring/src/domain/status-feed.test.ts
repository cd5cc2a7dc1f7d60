import { describe, expect, it } from 'vitest';
import type { FleetStatus } from './instance-status.ts';
import { StatusFeed } from './status-feed.ts';

function feedOf(maxWatchers?: number) {
  let observedAtMs = 0;
  const read = (): FleetStatus => ({ observedAtMs, instances: [] });
  const feed = new StatusFeed(read, maxWatchers);
  const change = (): void => {
    observedAtMs += 1;
    feed.changed();
  };
  return { feed, change };
}

async function next(watch: AsyncGenerator<FleetStatus>): Promise<number | undefined> {
  const step = await watch.next();
  return step.done === true ? undefined : step.value.observedAtMs;
}

describe('a watcher of the fleet', () => {
  it('gets the status now, then at every change', async () => {
    const { feed, change } = feedOf();
    const watch = feed.watch(new AbortController().signal);
    expect(await next(watch)).toBe(0);
    const waiting = next(watch);
    change();
    expect(await waiting).toBe(1);
  });

  it('that is slow goes on with the newest status', async () => {
    const { feed, change } = feedOf();
    const watch = feed.watch(new AbortController().signal);
    await next(watch);
    for (let n = 0; n < 1000; n++) change();
    expect(await next(watch)).toBe(1000);
    const waiting = next(watch);
    change();
    expect(await waiting).toBe(1001);
  });

  it('does not hinder another', async () => {
    const { feed, change } = feedOf();
    const [slow, quick] = [
      feed.watch(new AbortController().signal),
      feed.watch(new AbortController().signal),
    ];
    await Promise.all([next(slow), next(quick)]);
    change();
    expect(await next(quick)).toBe(1);
    change();
    expect(await next(quick)).toBe(2);
    expect(await next(slow)).toBe(2);
  });

  it('that leaves while it waits makes room', async () => {
    const { feed } = feedOf(1);
    const leaving = new AbortController();
    const watch = feed.watch(leaving.signal);
    await next(watch);
    await expect(next(feed.watch(new AbortController().signal))).rejects.toMatchObject({
      code: 'overloaded',
    });
    const waiting = next(watch);
    leaving.abort();
    expect(await waiting).toBeUndefined();
    expect(await next(feed.watch(new AbortController().signal))).toBe(0);
  });

  it('is let go when the feed closes', async () => {
    const { feed } = feedOf();
    const watch = feed.watch(new AbortController().signal);
    await next(watch);
    const waiting = next(watch);
    feed.close();
    expect(await waiting).toBeUndefined();
    expect(await next(feed.watch(new AbortController().signal))).toBeUndefined();
  });
});
