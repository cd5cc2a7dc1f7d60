import { describe, expect, it } from 'vitest';
import { newPublicId, shardCount, shardOf, shardOfId, terminalEventId } from '@parley/kernel';

describe('public ids', () => {
  it('carry the slot they belong to', () => {
    const id = newPublicId('resp', 17);
    expect(id).toMatch(/^resp_17_[0-9a-f]{32}$/);
    expect(shardOfId(id)).toBe(17);
  });

  it('without a conversation belong to the slot of their own unique part', () => {
    const id = newPublicId('resp');
    expect(shardOfId(id)).toBe(shardOf(id.split('_')[2] ?? ''));
  });

  it('are told apart from anything else', () => {
    for (const other of ['', 'resp', 'resp_64_' + '0'.repeat(32), 'resp_1_xyz', 'resp__' + '0'.repeat(32)]) {
      expect(shardOfId(other)).toBeUndefined();
    }
  });

  it('spread over all slots', () => {
    const seen = new Set(Array.from({ length: 4000 }, () => shardOfId(newPublicId('resp'))));
    expect(seen.size).toBe(shardCount);
  });
});

describe('a terminal event id', () => {
  it('is the same for the same turn and another for another', () => {
    expect(terminalEventId('resp_1')).toBe(terminalEventId('resp_1'));
    expect(terminalEventId('resp_1')).not.toBe(terminalEventId('resp_2'));
  });
});
