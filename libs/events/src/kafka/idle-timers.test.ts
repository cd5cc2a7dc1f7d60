import { describe, expect, it } from 'vitest';
import { restIdleConnections } from './idle-timers.ts';

describe('connections of kafkajs that have nothing to send', () => {
  it('set no timer, and those with something do', () => {
    class RequestQueue {
      pending: unknown[] = [];
      scheduled = 0;

      scheduleCheckPendingRequests(): void {
        this.scheduled += 1;
      }
    }
    restIdleConnections(() => RequestQueue);
    restIdleConnections(() => RequestQueue);
    const queue = new RequestQueue();
    queue.scheduleCheckPendingRequests();
    expect(queue.scheduled).toBe(0);
    queue.pending.push({});
    queue.scheduleCheckPendingRequests();
    expect(queue.scheduled).toBe(1);
  });

  it('are left as they are where kafkajs looks different', () => {
    for (const other of [undefined, {}, class Other {}])
      expect(() => restIdleConnections(() => other)).not.toThrow();
  });

  it('are those of the kafkajs that is installed', async () => {
    restIdleConnections();
    const { createRequire } = await import('node:module');
    const queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as {
      prototype: { scheduleCheckPendingRequests: { name: string } };
    };
    expect(queue.prototype.scheduleCheckPendingRequests.name).toBe('scheduleIfWaiting');
  });
});
