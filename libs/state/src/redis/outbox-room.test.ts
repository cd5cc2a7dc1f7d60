import type { OutboxEvent } from '../ports.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { OutboxRoom } from './outbox-room.ts';

const event: OutboxEvent = {
  id: 'id',
  type: 'test',
  topic: 'test',
  key: 'key',
  subject: 'key',
  tenant: 'acme',
  occurredAtMs: 1,
  data: 'x'.repeat(88),
};

describe('the room of an outbox', () => {
  let size = { count: 0, bytes: 0 };
  let measured = 0;
  const measure = async (): Promise<typeof size> => {
    measured++;
    return size;
  };

  beforeEach(() => {
    size = { count: 0, bytes: 0 };
    measured = 0;
  });

  test('is measured before the first turn, and not again for the next', async () => {
    const room = new OutboxRoom(measure, { maxEvents: 10, maxBytes: 10_000 });
    await room.require([event]);
    await room.require([event]);
    expect(measured).toBe(1);
  });

  test('is less by what this process has committed since', async () => {
    const room = new OutboxRoom(measure, { maxEvents: 2, maxBytes: 10_000 });
    await room.require([event, event]);
    room.added([event, event]);
    size = { count: 2, bytes: 1_200 };
    await expect(room.require([event])).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: 1_000 });
    expect(measured, 'it looks before it refuses').toBe(2);
    size = { count: 1, bytes: 600 };
    await room.require([event]);
  });

  test('is counted in bytes as well: 512 and the data of each event', async () => {
    const room = new OutboxRoom(measure, { maxEvents: 10, maxBytes: 1_200 });
    size = { count: 1, bytes: 600 };
    await room.require([event]);
    await expect(room.require([event, event])).rejects.toMatchObject({ details: { count: 3, bytes: 1_800 } });
  });

  test('does not matter to turns without events', async () => {
    const room = new OutboxRoom(measure, { maxEvents: 0, maxBytes: 0 });
    await room.require([]);
    expect(measured).toBe(0);
  });

  test('is unknown, and so the turn refused, when it cannot be measured the first time', async () => {
    const room = new OutboxRoom(() => Promise.reject(new Error('away')), { maxEvents: 1, maxBytes: 1_000 });
    await expect(room.require([event])).rejects.toThrow('away');
  });
});
