import type { Span } from './span.ts';

/** A number that is written in words. */
export interface NumberWord extends Span {
  readonly value: number;
}

const units: Readonly<Record<string, number>> = Object.fromEntries(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
    .split(' ')
    .map((word, value) => [word, value]),
);
const tens: Readonly<Record<string, number>> = Object.fromEntries(
  'twenty thirty forty fifty sixty seventy eighty ninety'
    .split(' ')
    .map((word, index) => [word, 20 + index * 10]),
);
const groups: readonly (readonly [RegExp, number])[] = [
  [/\bhalf\s+a\s+dozen\b/gi, 6],
  [/(?<!half\s+)\b(?:a|one)\s+dozen\b/gi, 12],
  [/\btwo\s+dozen\b/gi, 24],
  [/\ba\s+(?:couple|pair)\b(?:\s+of\b)?/gi, 2],
];

const word = `(?:${[...Object.keys(units), ...Object.keys(tens), 'hundred'].join('|')})`;
const run = new RegExp(`\\b(?:an?\\s+(?=hundred\\b))?${word}(?:[\\s-]+(?:and\\s+)?${word})*\\b`, 'gi');

/** Numbers in English words: "two", "twenty-one", "a hundred and five", "half a dozen". */
export function englishNumbers(text: string): readonly NumberWord[] {
  const found = groups.flatMap(([pattern, value]) =>
    [...text.matchAll(pattern)].map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
      value,
    })),
  );
  const taken = (at: number): boolean => found.some(({ start, end }) => at >= start && at < end);
  const words = [...text.matchAll(run)].flatMap((match) => {
    const value = valueOf(match[0]);
    if (value === undefined || taken(match.index)) return [];
    if (value === 1 && !standsForANumber(text.slice(0, match.index))) return [];
    return [{ start: match.index, end: match.index + match[0].length, value }];
  });
  return [...found, ...words];
}

function valueOf(text: string): number | undefined {
  let total = 0;
  let last = 1_000;
  for (const part of text.toLowerCase().split(/[\s-]+/)) {
    if (part === 'and' || part === 'a' || part === 'an') continue;
    if (part === 'hundred') {
      if (total > 9) return undefined;
      total = Math.max(1, total) * 100;
      last = 100;
      continue;
    }
    const value = units[part] ?? tens[part];
    // "Two three" are two numbers, not one.
    if (value === undefined || value >= last) return undefined;
    total += value;
    last = value >= 20 ? 10 : 1;
  }
  return total;
}

const beforeANumber =
  /(?:^|[,.;:!?\n]\s*|\b(?:just|only|it|it's|want|need|take|have|like|get|order|to|of|be|is|are|and|with|maybe|exactly|then|please|quantity|number|amount|count|say|add|me|actually|yes)\s+)$/i;

/** "One" is more often a pronoun than a number: "the large one". */
function standsForANumber(before: string): boolean {
  return beforeANumber.test(before);
}
