import { ParleyError } from '@parley/kernel';

function unexpected(what: string): ParleyError {
  return new ParleyError('internal', `Redis answered something else than ${what}.`);
}

/** The text of a reply. */
export function textOf(reply: unknown): string {
  if (typeof reply === 'string') return reply;
  throw unexpected('a text');
}

/** The same for a reply that may be missing. */
export function optionalTextOf(reply: unknown): string | undefined {
  return reply === null || reply === undefined ? undefined : textOf(reply);
}

/** The whole number of a reply, be it a number or the text of one. */
export function integerOf(reply: unknown): number {
  const number = typeof reply === 'string' && reply !== '' ? Number(reply) : reply;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw unexpected('a whole number');
}

/** The parts of a list. */
export function listOf(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply;
  throw unexpected('a list');
}

/** A list of texts. */
export function textsOf(reply: unknown): string[] {
  return listOf(reply).map(textOf);
}

/** A list of whole numbers. */
export function integersOf(reply: unknown): number[] {
  return listOf(reply).map(integerOf);
}

/** The items of a flat list two by two. */
export function pairsOf(reply: unknown): (readonly [unknown, unknown])[] {
  const items = listOf(reply);
  return Array.from({ length: items.length / 2 }, (_, at) => [items[2 * at], items[2 * at + 1]]);
}

/** The number and the fields of each entry of a stream whose ids are `1-<number>`. */
export function streamEntriesOf(reply: unknown): { number: number; fields: ReadonlyMap<string, string> }[] {
  return listOf(reply).map((entry) => {
    const [id, fields] = listOf(entry);
    const pairs = pairsOf(fields).map(([name, value]) => [textOf(name), textOf(value)] as const);
    return { number: integerOf(textOf(id).slice(2)), fields: new Map(pairs) };
  });
}
