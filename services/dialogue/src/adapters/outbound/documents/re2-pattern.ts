import type { FaultPath, LoadedDocument } from '@parley/config';
import { RE2JS } from 're2js';
import type { Matcher } from 're2js';
import type { PatternMatch, TextPattern } from '../../../domain/strategy/text-pattern.ts';

/** No document may make a turn read more than this of a message, however linear the reading is. */
const mostCharacters = 4_000;

/** Nor look for more in it. */
const mostMatches = 32;

/** A pattern with RE2's syntax and its promise: time linear in the text, whatever pattern and text are. */
export class Re2Pattern implements TextPattern {
  readonly groups: readonly string[];
  readonly #pattern: RE2JS;

  /** @throws Error that says what is wrong with the pattern. */
  constructor(source: string) {
    this.#pattern = RE2JS.compile(source);
    this.groups = Object.keys(this.#pattern.namedGroups());
  }

  matches(text: string): readonly PatternMatch[] {
    const found: PatternMatch[] = [];
    const read = text.slice(0, mostCharacters);
    // By far the most texts hold no match, and this is the far faster question.
    if (!this.#pattern.test(read)) return found;
    const matcher = this.#pattern.matcher(read);
    for (
      let from = 0;
      from <= read.length && found.length < mostMatches && matcher.find(from);
      from = Math.max(from + 1, this.#endOf(matcher))
    ) {
      const groups = this.groups.flatMap((name) => {
        const value = matcher.group(name);
        return value === null ? [] : [[name, value] as const];
      });
      found.push({ start: matcher.start(), end: matcher.end(), groups: Object.fromEntries(groups) });
    }
    return found;
  }

  /** Where the next match may begin: what follows a value only bounds it, and may begin the next one. */
  #endOf(matcher: Matcher): number {
    const end = this.groups.includes('value') ? matcher.end('value') : -1;
    return end > 0 ? end : matcher.end();
  }
}

/** Patterns of all languages of a document's field. @throws DocumentError that names the one at fault. */
export function patternsAt(
  { parsed }: LoadedDocument,
  path: FaultPath,
  byLocale: Readonly<Record<string, readonly string[]>>,
  needs: readonly string[] = [],
): readonly TextPattern[] {
  return Object.entries(byLocale).flatMap(([locale, sources]) =>
    sources.map((source, index) => {
      const at = [...path, locale, index];
      let pattern: Re2Pattern;
      try {
        pattern = new Re2Pattern(source);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw parsed.error(at, `is no RE2 pattern: ${reason}`);
      }
      const lacks = needs.find((group) => !pattern.groups.includes(group));
      if (lacks !== undefined) throw parsed.error(at, `must have a group (?P<${lacks}>…)`);
      return pattern;
    }),
  );
}
