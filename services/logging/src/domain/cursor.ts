import { ParleyError } from '@parley/kernel';

/** The opaque text by which a reader goes on after a position. Readers must not look into it: its form may change. */
export function encodeCursor(position: number): string {
  return Buffer.from(`p1:${position}`).toString('base64url');
}

/**
 * The position of a cursor; "" is before the first.
 * @throws ParleyError `invalid_request` for a text that no answer of ours carried.
 */
export function decodeCursor(cursor: string): number {
  if (cursor === '') return 0;
  const match = /^p1:(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const position = Number(match?.[1]);
  if (Number.isSafeInteger(position)) return position;
  throw new ParleyError(
    'invalid_request',
    'The cursor "after" is not one that an answer carried; leave it out to start over.',
    {
      param: 'after',
    },
  );
}
