import type { TextSlot } from '../flow-definition.ts';
import { findNumbers } from './find-numbers.ts';
import { isChinese } from './message-text.ts';
import type { Span } from './span.ts';
import type { NameSaying, Vocabulary } from './vocabulary.ts';

/** A text that a message gives for a slot. */
export interface FoundText extends Span {
  readonly slot: string;
  readonly value: string;
}

/** No slot holds more. */
const mostCharacters = 500;

const connector = /^(?:\s+(?:is|to|should be|will be|would be)\b|\s*[:=])\s*/i;
const connectorInChinese = /^\s*(?:应该是|就是|是|改成|改为|换成|改到|换到|为|叫|填|:|=)?\s*/u;
const clause = /^[^,;!?\n，。；！？]+/u;
const afterwards = /\s*(?:\bplease|\bthanks|\bthank you|\binstead|吧|谢谢|谢了)\s*$/iu;
const noValue =
  /^(?:(?:wrong|incorrect|not|missing|different|changed?|please)\b|错|不对|有误|写错|改|换|要改|怎么|在哪|不是)/iu;

/** Texts that follow the name of their slot: "the name is Anna", "电话13800001111", "送到中山路1号". */
export function namedTexts(text: string, vocabulary: Vocabulary): readonly FoundText[] {
  return vocabulary.names.flatMap(({ slot, phrase, pattern }) => {
    if (slot.type !== 'text') return [];
    return [...text.matchAll(pattern)].flatMap((match) => {
      const found = textAfter(text, match.index + match[0].length, phrase, vocabulary);
      if (found === undefined || slot.matches?.(found.value) === false) return [];
      // "Change delivery to pick-up" gives no address.
      if (vocabulary.values.some(({ phrase: known }) => known === found.value.toLowerCase())) return [];
      return [{ slot: slot.name, ...found }];
    });
  });
}

/** A name of several words ("deliver to") leads to its value by itself, one word needs "is", "to" or a colon. */
function textAfter(
  text: string,
  from: number,
  phrase: string,
  vocabulary: Vocabulary,
): (Span & { value: string }) | undefined {
  const rest = text.slice(from);
  const leads = phrase.includes(' ') ? /^\s*:?\s*/ : connector;
  const link = (isChinese(phrase) ? connectorInChinese : leads).exec(rest);
  if (link === null) return undefined;
  const start = from + link[0].length;
  const value = trimmed(withFurtherParts(text.slice(start), vocabulary));
  if (value === '' || noValue.test(value)) return undefined;
  return { start, end: start + value.length, value };
}

const mostFurtherParts = 4;
const furtherPart = /^,(\s*[^,;!?\n。；！？]+)/u;
const anotherMatter =
  /^\s*(?:and|but|i|i'll|i'd|we|it|it's|you|make|can|could|please|also|thanks|thank|with|then|so|that|no)\b/i;
const houseNumber = /^\s*\d+[a-z]?\s+\p{Lu}/u;

/** "12 Main Street, Springfield": what follows a comma belongs to it when it says nothing else to the flow. */
function withFurtherParts(text: string, { values, names }: Vocabulary): string {
  let whole = clause.exec(text)?.[0] ?? '';
  for (let parts = 0; parts < mostFurtherParts; parts++) {
    const part = furtherPart.exec(text.slice(whole.length))?.[1];
    if (part === undefined || isChinese(part) || anotherMatter.test(part)) return whole;
    if ([...values, ...names].some(({ pattern }) => part.search(pattern) !== -1)) return whole;
    if (findNumbers(part, []).length > 0 && !houseNumber.test(part)) return whole;
    whole += `,${part}`;
  }
  return whole;
}

const token = /[^\s,;!?，。；、！？\p{Script=Han}]+/gu;
const mostTokens = 100;
const longestRun = 4;

/** Texts of slots with a pattern, wherever they stand: a telephone number is one without its name, too. */
export function patternTexts(text: string, slots: readonly TextSlot[]): readonly FoundText[] {
  const tokens = [...text.matchAll(token)].slice(0, mostTokens);
  return slots.flatMap((slot) => {
    for (let length = longestRun; length > 0; length--) {
      for (let first = 0; first + length <= tokens.length; first++) {
        const start = tokens[first]?.index ?? 0;
        const last = tokens[first + length - 1];
        const value = text.slice(start, (last?.index ?? 0) + (last?.[0].length ?? 0)).replace(/\.$/, '');
        if (fitsPattern(slot, value)) return [{ slot: slot.name, start, end: start + value.length, value }];
      }
    }
    return [];
  });
}

const leadIn =
  /^(?:(?:ok|okay|yes|sure|um|uh)[,\s]+)?(?:it's|it is|it would be|this is|that's|that is|i'm|i am|my name is|name is|call me|to|at|under|for|make it|use)\s+|^(?:好的?[,，\s]*)?(?:我叫|我是|我的名字是|叫我|就叫|叫|送到|送去|在|到|是|就|用|写|改成|改为|换成)/iu;

/** A whole message as the value of the slot that it was asked for. */
export function wholeText(text: string, slot: TextSlot): FoundText | undefined {
  const start = leadIn.exec(text)?.[0].length ?? 0;
  for (const from of [start, 0]) {
    const value = trimmed(text.slice(from)).replace(/[.。]$/u, '');
    if (value !== '' && value.length <= mostCharacters && slot.matches?.(value) !== false) {
      return { slot: slot.name, start: 0, end: text.length, value };
    }
  }
  return undefined;
}

function fitsPattern(slot: TextSlot, value: string): boolean {
  return value.length <= mostCharacters && slot.matches?.(value) === true;
}

function trimmed(value: string): string {
  return value.replace(afterwards, '').trim().slice(0, mostCharacters);
}

/** Where the slots of a flow are named. */
export function mentions(text: string, names: readonly NameSaying[]): readonly FoundName[] {
  return names.flatMap(({ slot, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({
      slot: slot.name,
      start: match.index,
      end: match.index + match[0].length,
    })),
  );
}

/** A slot that a message names. */
export interface FoundName extends Span {
  readonly slot: string;
}
