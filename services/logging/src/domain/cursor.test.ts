import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';

describe('a cursor', () => {
  it('leads back to its position', () => {
    for (const position of [1, 42, 9_007_199_254_740_991])
      expect(decodeCursor(encodeCursor(position))).toBe(position);
  });

  it('that is empty is the start', () => {
    expect(decodeCursor('')).toBe(0);
  });

  it.each(['1', 'p1:1', 'cDE6', 'cDE6LTE', 'ÿ', 'cDE6OTk5OTk5OTk5OTk5OTk5OQ', 'x'.repeat(10_000)])(
    'that was never given out, such as %.20j, is refused by name',
    (cursor) => {
      expect(() => decodeCursor(cursor)).toThrow(
        expect.objectContaining({ code: 'invalid_request', param: 'after' }),
      );
    },
  );
});
