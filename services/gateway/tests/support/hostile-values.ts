import * as fc from 'fast-check';

/** Text that breaks parsers, encoders and names. */
export const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    '\udfff\ud800',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    '../../etc/passwd',
    "' OR 1=1 --",
    '${7*7}',
    '\r\nX: y',
    '\u2028',
    '🦜'.repeat(50),
  ),
);

/** Numbers at the edges of every counter. */
export const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(
    0,
    -0,
    -1,
    1e308,
    -1e308,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    2 ** 63,
    2 ** 64,
    1.5,
    Number.MIN_VALUE,
  ),
);

/** Any value, of hostile parts. */
export const anything = fc.anything({
  key: nasty,
  values: [nasty, number, fc.boolean(), fc.constant(null)],
  maxDepth: 4,
  withNullPrototype: false,
});
/** Mostly the value that belongs there, sometimes anything. */
export const loose = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: anything });

/** JSON of values that JSON cannot hold, too: what it cannot hold becomes null or is left out. */
export function jsonOf(value: unknown): string {
  return (
    JSON.stringify(value, (_key, held: unknown) => (typeof held === 'bigint' ? Number(held) : held)) ?? 'null'
  );
}
