import { overlap, spansOf } from './span.ts';
import type { Span } from './span.ts';
import type { ValueSaying } from './vocabulary.ts';

/** A value that a message names, with the slots that it can be for. */
export interface FoundValue extends Span {
  readonly candidates: readonly { readonly slot: string; readonly value: string | number }[];
}

/** The values of enum slots in a text. Where sayings overlap the longest counts; what is denied is left out. */
export function findValues(text: string, sayings: readonly ValueSaying[]): readonly FoundValue[] {
  const matches = sayings.flatMap(({ slot, value, pattern }) =>
    spansOf(text, pattern).map((span) => ({ ...span, candidate: { slot, value } })),
  );
  const longestFirst = matches.toSorted((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);
  const found: { start: number; end: number; candidates: FoundValue['candidates'] }[] = [];
  for (const { start, end, candidate } of longestFirst) {
    const same = found.find((other) => other.start === start && other.end === end);
    if (same !== undefined) {
      const isNew = !same.candidates.some(({ slot }) => slot === candidate.slot);
      if (isNew) same.candidates = [...same.candidates, candidate];
    } else if (!found.some((other) => overlap(other, { start, end }))) {
      found.push({ start, end, candidates: [candidate] });
    }
  }
  return found.toSorted((a, b) => a.start - b.start);
}

const deniedBefore =
  /(?:\b(?:not|without|instead of|rather than|than|don't want|do not want|no more)\s+(?:the\s+|a\s+|an\s+|any\s+)?|\bfrom\s+(?:the\s+|a\s+)?)$/i;
const deniedBeforeInChinese = /(?:不要|不是|别要|不想要|别|没有|而不是|从|由)$/u;
const deniedAfter =
  /^(?:\s+one)?(?:\s+(?:is|are|was)|'s)\s+(?:wrong|incorrect|not)\b|^(?:的|份|杯|个)?(?:不对|错了|是错的)/iu;
const replacedInChinese = /^(?:的|份|杯|个)?(?:改成|换成|改为|变成|改到|换到)/u;

/** Whether the text around a value says that it is not wanted. */
export function isDenied(text: string, { start, end }: Span): boolean {
  const before = text.slice(0, start);
  return (
    deniedBefore.test(before) ||
    deniedBeforeInChinese.test(before) ||
    deniedAfter.test(text.slice(end)) ||
    replacedInChinese.test(text.slice(end))
  );
}
