import { ParleyError } from '@parley/kernel';

/** What a cursor goes through: the two are numbered apart. */
export type CursorKind = 'events' | 'letters';

const prefixes: Readonly<Record<CursorKind, string>> = { events: 'p1', letters: 'd1' };

/** The opaque text by which a reader goes on after a position. Readers must not look into it: its form may change. */
export function encodeCursor(position: number, kind: CursorKind = 'events'): string {
  return Buffer.from(`${prefixes[kind]}:${position}`).toString('base64url');
}

/**
 * The position of a cursor; "" is before the first.
 * @throws ParleyError `invalid_request` for a text that no answer of ours carried.
 */
export function decodeCursor(cursor: string, kind: CursorKind = 'events'): number {
  if (cursor === '') return 0;
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, prefix, digits] = /^(\w\d):(\d{1,16})$/.exec(text) ?? [];
  const position = Number(digits);
  if (prefix === prefixes[kind] && Number.isSafeInteger(position)) return position;
  throw new ParleyError(
    'invalid_request',
    'The cursor "after" is not one that an answer carried; leave it out to start over.',
    { param: 'after' },
  );
}
