import { openers } from './intent-phrases.ts';
import { bareWords, isChinese } from './message-text.ts';
import { phrases, leading, withoutLeading } from './phrases.ts';
import { blankOut } from './span.ts';
import type { Span } from './span.ts';

const asking = phrases(
  "how|what|what's|why|when|when's|where|where's|which|who|who's|whose|do you|do i|does|did|is|are|was|were|has|have you|tell me|explain|are you|is there|do they|would it|will it|should i",
);
const suggesting = phrases("how about|what about|what if i|why not|why don't");

const askingInChinese =
  /多少钱|几点|几号|几寸|几块|几种|什么|怎么|咋|为啥|哪|谁|多久|多大|多长|有没有|是不是|会不会|讲个|告诉我/u;
const wishInChinese = /可以|能|改|换|要|来|给我|帮我/u;

/** Whether a sentence wants to know something, rather than gives or wishes something. */
export function isQuestion(sentence: string): boolean {
  const words = bareWords(sentence);
  if (isChinese(words)) {
    return askingInChinese.test(words) || (words.endsWith('吗') && !wishInChinese.test(words));
  }
  return [words, withoutLeading(words, openers)].some(
    (core) => leading(core, suggesting) === '' && leading(core, asking) !== '',
  );
}

/** The message with its questions blanked out: a size that is asked about is not a size that is wanted. */
export function withoutQuestions(text: string): string {
  return blankOut(
    text,
    sentencesOf(text).filter(({ start, end }) => isQuestion(text.slice(start, end))),
  );
}

function sentencesOf(text: string): readonly Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (const { index, 0: mark } of text.matchAll(/[.?!](?=\s|$)|[?!。;\n]/gu)) {
    spans.push({ start, end: index + mark.length });
    start = index + mark.length;
  }
  return [...spans, { start, end: text.length }];
}
