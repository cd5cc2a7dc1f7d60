import type { FlowDefinition, SlotDefinition } from '../flow-definition.ts';
import { isChinese } from './message-text.ts';

/** A way to say something, and how it is found in a text. */
interface Saying {
  readonly phrase: string;
  readonly pattern: RegExp;
}

/** How one value of an enum slot is said. */
export interface ValueSaying extends Saying {
  readonly slot: string;
  readonly value: string;
}

/** How a slot itself is named. */
export interface NameSaying extends Saying {
  readonly slot: SlotDefinition;
}

/** Everything that can be found in messages to one flow. */
export interface Vocabulary {
  readonly values: readonly ValueSaying[];
  readonly names: readonly NameSaying[];
}

const known = new WeakMap<FlowDefinition, Vocabulary>();

/** The vocabulary of a flow; made once for each. */
export function vocabularyOf(flow: FlowDefinition): Vocabulary {
  const found = known.get(flow);
  if (found !== undefined) return found;
  const made: Vocabulary = {
    values: flow.slots.flatMap((slot) =>
      slot.type !== 'enum'
        ? []
        : slot.values.flatMap(({ value, said }) =>
            said.map((phrase) => ({ slot: slot.name, value, ...sayingOf(phrase) })),
          ),
    ),
    names: flow.slots.flatMap((slot) => slot.called.map((phrase) => ({ slot, ...sayingOf(phrase) }))),
  };
  known.set(flow, made);
  return made;
}

/** A shorter word has no plural that could not be another word. */
const shortestWithPlural = 3;

function sayingOf(written: string): Saying {
  const phrase = written.normalize('NFKC').toLowerCase();
  return { phrase, pattern: new RegExp(isChinese(phrase) ? inChinese(phrase) : asWords(phrase), 'giu') };
}

/** One character is part of too many other words: it must end what is said, or be followed by a word that ends it. */
function inChinese(phrase: string): string {
  const text = escaped(phrase);
  return /^.$/u.test(phrase) ? `${text}(?=[的份号杯个款型]|[^\\p{Script=Han}]|$)` : text;
}

function asWords(phrase: string): string {
  const text = phrase
    .split(/[\s-]+/)
    .map(escaped)
    .join('[\\s-]+');
  const plural = phrase.length >= shortestWithPlural && /[a-z]$/.test(phrase) ? '(?:e?s)?' : '';
  // Chinese around it is no part of the word.
  return `(?<![A-Za-z0-9'\\u00c0-\\u024f])${text}${plural}(?![A-Za-z0-9'\\u00c0-\\u024f])`;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
