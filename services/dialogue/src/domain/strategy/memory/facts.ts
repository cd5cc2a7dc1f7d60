import { textFor } from '../../assistant/locale-text.ts';
import type { LocaleText } from '../../assistant/locale-text.ts';
import type { JsonValue } from '../strategy.ts';
import type { PatternMatch, TextPattern } from '../text-pattern.ts';

/** One kind of fact that a user may tell, and how the model is told of it. */
interface FactRule {
  readonly name: string;
  /** With the placeholders `{value}` and `{key}`. */
  readonly say: LocaleText;
  /** With a group `value`; one with a group `key` tells facts apart: `favourite <key> is <value>`. */
  readonly learn: readonly TextPattern[];
  /** A value that one of these is found in is no fact: `my name is what?` */
  readonly except: readonly TextPattern[];
  /** With a group `key` only that fact is forgotten, else all of this kind. */
  readonly forget: readonly TextPattern[];
}

/** All that a memory listens for. */
export interface FactRules {
  readonly rules: readonly FactRule[];
  /** What makes it forget everything. */
  readonly forgetAll: readonly TextPattern[];
  /** The oldest goes first when there are more. */
  readonly mostFacts: number;
}

/** Something that the user told about themselves; at most one per rule and key. */
export interface Fact {
  readonly rule: string;
  /** '' for rules whose facts are not told apart. */
  readonly key: string;
  readonly value: string;
}

/** A longer value is no name, place or thing. */
const longestValue = 80;

interface Heard {
  readonly match: PatternMatch;
  readonly apply: (facts: readonly Fact[]) => readonly Fact[];
}

/**
 * What is known after a user's message: told facts are added, a later one of the same rule and key replaces the
 * earlier, and what the user wants forgotten is gone. Things said in one message count in their order.
 */
export function remember(rules: FactRules, facts: readonly Fact[], message: string): readonly Fact[] {
  const forgotten = forgets(rules, message);
  // `Forget that my name is Lena` tells nothing.
  const told = tells(rules, message).filter(
    ({ match }) => !forgotten.some((by) => by.match.start <= match.start && match.start < by.match.end),
  );
  const heard = [...forgotten, ...told].toSorted((a, b) => a.match.start - b.match.start);
  return heard.reduce<readonly Fact[]>((known, { apply }) => apply(known), facts).slice(-rules.mostFacts);
}

/** The facts as sentences for the model, in the order in which they were told. */
export function sayFacts(
  rules: FactRules,
  facts: readonly Fact[],
  locales: readonly string[],
): readonly string[] {
  return facts.flatMap((fact) => {
    const rule = rules.rules.find(({ name }) => name === fact.rule);
    if (rule === undefined) return [];
    const sentence = textFor(rule.say, locales);
    return [sentence.replaceAll('{key}', () => fact.key).replaceAll('{value}', () => fact.value)];
  });
}

function forgets(rules: FactRules, message: string): readonly Heard[] {
  const all = matchesOf(rules.forgetAll, message).map((match) => ({ match, apply: () => [] }));
  const some = rules.rules.flatMap((rule) =>
    matchesOf(rule.forget, message).map((match) => {
      const key = keyOf(match);
      const meant = (fact: Fact): boolean => fact.rule === rule.name && (key === '' || fact.key === key);
      return { match, apply: (facts: readonly Fact[]) => facts.filter((fact) => !meant(fact)) };
    }),
  );
  return [...all, ...some];
}

function tells(rules: FactRules, message: string): readonly Heard[] {
  return rules.rules.flatMap((rule) =>
    matchesOf(rule.learn, message).flatMap((match) => {
      const fact = { rule: rule.name, key: keyOf(match), value: tidy(match.groups['value'] ?? '') };
      if (fact.value === '' || fact.value.length > longestValue) return [];
      if (matchesOf(rule.except, fact.value).length > 0) return [];
      const isOld = (old: Fact): boolean => old.rule === fact.rule && old.key === fact.key;
      return [{ match, apply: (facts: readonly Fact[]) => [...facts.filter((old) => !isOld(old)), fact] }];
    }),
  );
}

function matchesOf(patterns: readonly TextPattern[], text: string): readonly PatternMatch[] {
  return patterns.flatMap((pattern) => pattern.matches(text));
}

function keyOf(match: PatternMatch): string {
  return tidy(match.groups['key'] ?? '').toLowerCase();
}

/** Without white space and punctuation at its ends, and on one line. */
function tidy(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/^[\s"'“”‘’]+|[\s"'“”‘’.,!?;:。，！？；：、]+$/g, '');
}

/** The facts of a stored state; undefined when it is none of this kind. */
export function readFacts(state: JsonValue | undefined): readonly Fact[] | undefined {
  if (!Array.isArray(state)) return undefined;
  const facts = state.filter(isFact);
  return facts.length === state.length ? facts : undefined;
}

function isFact(value: JsonValue): value is JsonValue & Fact {
  if (typeof value !== 'object' || value === null) return false;
  return ['rule', 'key', 'value'].every((name) => typeof Reflect.get(value, name) === 'string');
}
