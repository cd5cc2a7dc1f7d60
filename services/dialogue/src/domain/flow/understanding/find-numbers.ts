import { chineseNumbers } from './chinese-numbers.ts';
import { englishNumbers } from './number-words.ts';
import type { NumberWord } from './number-words.ts';
import { blankOut } from './span.ts';
import type { Span } from './span.ts';

const written = /(?<![A-WYZa-wyz0-9.,:$€£¥#/'+-])\d{1,9}(?![0-9]|[.,:/]\d)/g;
/** After these a number counts something else than what is ordered. */
const otherUnits =
  /^\s*-?(?:inch|"|''|cm\b|am\b|pm\b|a\.m|p\.m|o'?clock|min|hours?\b|hrs?\b|days?\b|weeks?\b|years?\b|dollars?\b|bucks\b|usd\b|euros?\b|€|\$|%|percent|street\b|st\b|road\b|rd\b|avenue\b|ave\b|floor\b|th\b|nd\b)/i;
const otherUnitsInChinese = /^\s*(?:寸|点|月|日|号|年|元|块钱|分钟|小时|天|楼|层|路|街|弄|室|岁|毛)/u;
const ordinal = /第\s*$/u;
/** What is added or taken away is no value, and the flow does no sums. */
const relativeBefore = /(?:再加|再来|多加|多来|加上|少|多|减)\s*$/u;
const relativeAfter = /^\s*(?:more|less|fewer|extra|others?)\b/i;

/** Whole numbers in digits and words, without those that lie in other values. */
export function findNumbers(message: string, values: readonly Span[]): readonly NumberWord[] {
  const text = blankOut(message, values);
  const startsValue = (at: number): boolean => values.some(({ start }) => start === at);
  const all = [...digits(text), ...englishNumbers(text), ...chineseNumbers(text, startsValue)];
  return all
    .filter(({ start, end }) => {
      const after = text.slice(end);
      const isOther = otherUnits.test(after) || (otherUnitsInChinese.test(after) && !startsValue(end));
      const before = text.slice(0, start);
      const isRelative = relativeBefore.test(before) || relativeAfter.test(after);
      return !isOther && !isRelative && !ordinal.test(before);
    })
    .toSorted((a, b) => a.start - b.start);
}

function digits(text: string): readonly NumberWord[] {
  return [...text.matchAll(written)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    value: Number(match[0]),
  }));
}
