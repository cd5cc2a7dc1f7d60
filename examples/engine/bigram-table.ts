import type { SamplingSettings } from '../../services/model/src/ports/engine.ts';

/** A token and what it says. */
export interface BigramToken {
  /** The place of the word in the table. */
  readonly id: number;
  /** The word with the space before it. */
  readonly text: string;
}

/** The tokens of a text are its words. */
export function tokensOf(text: string): string[] {
  return text.match(/\S+/gu) ?? [];
}

/** Which words of a text came after which. */
export class BigramTable {
  readonly #words: readonly string[];
  /** For each word, the places of those that came after it, as often as they did. */
  readonly #after = new Map<string, number[]>();

  /** @param text at least two words */
  constructor(text: string) {
    const words = tokensOf(text);
    this.#words = [...new Set(words)];
    const places = new Map(this.#words.map((word, place) => [word, place]));
    for (const [index, word] of words.entries()) {
      // The text is a circle: every word has one after it.
      const next = places.get(words[(index + 1) % words.length] ?? '') ?? 0;
      this.#after.set(word, [...(this.#after.get(word) ?? []), next]);
    }
  }

  /** About what the table takes. */
  get bytes(): number {
    return [...this.#after].reduce((sum, [word, after]) => sum + 2 * word.length + 8 * after.length, 0);
  }

  /** Words without end, each one that came after the one before it. @param from a word the table need not know */
  *walk(from: string, { temperature, seed }: SamplingSettings): Generator<BigramToken, void> {
    const random = temperature === 0 ? (): number => 0 : randomOf(seed ?? Date.now());
    let word = from;
    for (;;) {
      const choices = this.#after.get(word) ?? [0];
      const id = choices[Math.floor(random() * choices.length)] ?? 0;
      word = this.#words[id] ?? '';
      yield { id, text: ` ${word}` };
    }
  }
}

/** Numbers from 0 to below 1 that follow from a seed: a linear congruential generator, modulus 2^32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
