import { describe, expect, test } from 'vitest';
import { planDurability } from './durability.ts';
import type { ServerFacts } from './durability.ts';

const durable = {
  appendonly: 'yes',
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
  'maxmemory-policy': 'noeviction',
};

function aServer(settings: Record<string, string> | undefined = {}, version = '7.0.15'): ServerFacts {
  return { version, settings: new Map(Object.entries({ ...durable, ...settings })) };
}

describe('durability', () => {
  test('is confirmed where every step is on disk before its answer', () => {
    expect(planDurability([aServer(), aServer()])).toEqual({
      confirmed: true,
      reasons: [],
      waitForDisk: false,
    });
  });

  test('is not where a server may lose or evict something, and all that is wrong is told once', () => {
    const weak = aServer({ appendfsync: 'everysec', 'maxmemory-policy': 'allkeys-lru' });
    const weaker = aServer({ appendonly: 'no', appendfsync: 'everysec', 'no-appendfsync-on-rewrite': 'yes' });
    expect(planDurability([aServer(), weak, weaker])).toEqual({
      confirmed: false,
      reasons: [
        'maxmemory-policy is allkeys-lru, not noeviction',
        'appendfsync is everysec, not always',
        'appendonly is no, not yes',
        'no-appendfsync-on-rewrite is yes, not no',
      ],
      waitForDisk: false,
    });
  });

  test('is not confirmed where the settings are not told', () => {
    const hidden: ServerFacts = { version: '7.2.4', settings: undefined };
    expect(planDurability([hidden])).toMatchObject({ confirmed: false, waitForDisk: false });
  });

  test('is had by waiting for the disk on one server of 7.2 or later that writes each second', () => {
    const lazy = { appendfsync: 'everysec' };
    const waiting = { confirmed: true, reasons: [], waitForDisk: true };
    for (const version of ['7.2.0', '7.10.1', '8.0.0'])
      expect(planDurability([aServer(lazy, version)])).toEqual(waiting);
    expect(planDurability([aServer(lazy, '7.0.15')])).toMatchObject({ confirmed: false, waitForDisk: false });
    const cluster = [aServer(lazy, '7.2.0'), aServer(lazy, '7.2.0')];
    expect(planDurability(cluster)).toMatchObject({ confirmed: false, waitForDisk: false });
    const off = aServer({ ...lazy, appendonly: 'no' }, '7.2.0');
    expect(planDurability([off])).toMatchObject({ confirmed: false, waitForDisk: false });
  });

  test('is not asked of a server without functions', () => {
    for (const version of ['6.2.14', '0', '']) {
      expect(() => planDurability([aServer(), aServer({}, version)])).toThrow(
        expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining('7.0 or later') }),
      );
    }
  });
});
