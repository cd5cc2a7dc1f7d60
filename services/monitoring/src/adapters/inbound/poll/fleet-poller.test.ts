import { describe, expect, it, vi } from 'vitest';
import type { FleetWatch } from '../../../domain/fleet-watch.ts';
import type { Target } from '../../../domain/instance-status.ts';
import { FleetPoller } from './fleet-poller.ts';

const quick = { service: 'model', address: '127.0.0.1:1' };
const hanging = { service: 'logging', address: '127.0.0.1:2' };

function pollerOf(look: (target: Target, signal: AbortSignal) => Promise<void>): FleetPoller {
  return new FleetPoller({ look } as unknown as FleetWatch, [quick, hanging], 1);
}

describe('the poller', () => {
  it('goes on with the others while one hangs', async () => {
    let looks = 0;
    await using poller = pollerOf(async (target, signal) => {
      if (target === quick) looks += 1;
      else await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    });
    poller.start();
    await vi.waitUntil(() => looks >= 3);
    expect(poller.health()).toEqual({ ok: false, reason: '1 of 2 instances have not been asked yet.' });
  });

  it('is sound when every target has been looked at', async () => {
    await using poller = pollerOf(() => Promise.resolve());
    expect(poller.health().ok).toBe(false);
    poller.start();
    await vi.waitUntil(() => poller.health().ok);
  });
});
