import { isChinese } from './message-text.ts';

/** Phrases in lower case, the longest first, so that "no problem" is found before "no". */
export type Phrases = readonly string[];

export function phrases(...lists: readonly string[]): Phrases {
  return lists
    .flatMap((list) => list.split('|'))
    .map((phrase) => phrase.trim())
    .sort((a, b) => b.length - a.length);
}

/** The longest of the phrases that a text of bare words starts with; '' = none. */
export function leading(words: string, known: Phrases): string {
  return known.find((phrase) => words.startsWith(phrase) && endsThere(words, phrase.length)) ?? '';
}

/** What is left of a text when all phrases are taken from its start. */
export function withoutLeading(words: string, known: Phrases): string {
  let rest = words;
  for (let found = leading(rest, known); found !== ''; found = leading(rest, known)) {
    rest = rest.slice(found.length).trim();
  }
  return rest;
}

/** Whether one of the phrases is anywhere in the text. */
export function anywhere(words: string, known: Phrases): boolean {
  return known.some((phrase) => {
    for (let at = words.indexOf(phrase); at !== -1; at = words.indexOf(phrase, at + 1)) {
      if (startsThere(words, at) && endsThere(words, at + phrase.length)) return true;
    }
    return false;
  });
}

/** Chinese has no spaces that could say where a word ends. */
function endsThere(words: string, at: number): boolean {
  return (
    at >= words.length || words[at] === ' ' || isChinese(words.charAt(at - 1)) || isChinese(words.charAt(at))
  );
}

function startsThere(words: string, at: number): boolean {
  return at <= 0 || words[at - 1] === ' ' || isChinese(words.charAt(at)) || isChinese(words.charAt(at - 1));
}
