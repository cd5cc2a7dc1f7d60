import type { NumberWord } from './number-words.ts';

const digits: Readonly<Record<string, number>> = {
  零: 0,
  〇: 0,
  一: 1,
  二: 2,
  两: 2,
  俩: 2,
  三: 3,
  仨: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
};
const scales: Readonly<Record<string, number>> = { 十: 10, 百: 100 };
const measures = '个份张杯块只盒打件客瓶套人位枚片箱袋碗盘支条';

const run = /(?<![第几十百\p{N}])[一二两俩三仨四五六七八九十零〇][一二两三四五六七八九十百零〇]*/gu;
const ends = new RegExp(
  `^\\s*(?:$|[${measures}]|(?:大|中|小)[份杯号个]|[^\\p{Script=Han}\\s]|吧|就|好了|谢|了|啊|哦|呀)`,
  'u',
);
const dozen = /^\s*打/u;
const halfDozen = /半打/gu;

/**
 * Numbers in Chinese words: 两个, 三, 十二, 一百二十, 半打. The characters are part of many other words, so one counts only
 * with a measure word after it or where what is said ends.
 * @param startsValue whether a known value begins at a place: 两大份
 */
export function chineseNumbers(text: string, startsValue: (at: number) => boolean): readonly NumberWord[] {
  const half = [...text.matchAll(halfDozen)].map(({ index }) => ({ start: index, end: index + 2, value: 6 }));
  const words = [...text.matchAll(run)].flatMap((match) => {
    const end = match.index + match[0].length;
    const after = text.slice(end);
    const value = valueOf(match[0]);
    if (value === undefined || !(ends.test(after) || startsValue(end))) return [];
    return [{ start: match.index, end, value: dozen.test(after) ? value * 12 : value }];
  });
  return [...half, ...words];
}

function valueOf(text: string): number | undefined {
  let total = 0;
  let digit: number | undefined;
  for (const character of text) {
    const scale = scales[character];
    if (scale === undefined) {
      if (digit !== undefined && digit !== 0) return undefined;
      digit = digits[character];
    } else {
      total += (digit ?? 1) * scale;
      digit = undefined;
    }
  }
  return total + (digit ?? 0);
}
