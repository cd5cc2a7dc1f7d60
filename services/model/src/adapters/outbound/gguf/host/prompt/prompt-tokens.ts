import type { PromptPiece } from './prompt-stand-ins.ts';

/** A model's tokenizer, as far as prompts need it. */
export interface Tokenizer {
  /** `special`: control tokens written out in the text become those tokens. */
  tokenize(text: string, special: boolean): ArrayLike<number>;
  /** The spelling of every token that text of users must never become. */
  readonly controlTexts: readonly string[];
  readonly bosToken: number | undefined;
  /** Whether the model wants its begin-of-text token before every prompt. */
  readonly prependBos: boolean;
}

/** A stretch of text that is tokenised on its own. */
interface Stretch {
  readonly text: string;
  readonly special: boolean;
}

/**
 * Turns a rendered prompt into tokens, once. The prompt is tokenised as one text, exactly as in training, unless
 * text of users spells a control token: that spelling is cut out, and cut in two, so that it stays mere text.
 */
export class PromptTokens {
  readonly #tokenizer: Tokenizer;
  readonly #control: RegExp | undefined;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    const spellings = tokenizer.controlTexts
      .filter((text) => text.length > 1)
      .sort((a, b) => b.length - a.length);
    this.#control = spellings.length === 0 ? undefined : new RegExp(spellings.map(escaped).join('|'), 'gu');
  }

  tokenize(pieces: readonly PromptPiece[]): Uint32Array {
    const tokens: number[] = [];
    for (const { text, special } of this.#stretches(pieces)) {
      for (const token of Array.from(this.#tokenizer.tokenize(text, special))) tokens.push(token);
    }
    const { bosToken, prependBos } = this.#tokenizer;
    if (prependBos && bosToken !== undefined && tokens[0] !== bosToken) tokens.unshift(bosToken);
    return Uint32Array.from(tokens);
  }

  #stretches(pieces: readonly PromptPiece[]): Stretch[] {
    const whole = pieces.map(({ text }) => text).join('');
    const stretches: Stretch[] = [];
    let from = 0;
    for (const [start, end] of this.#spelledByUsers(whole, untrustedRanges(pieces))) {
      const middle = start + (String.fromCodePoint(whole.codePointAt(start) ?? 0).length || 1);
      if (start > from) stretches.push({ text: whole.slice(from, start), special: true });
      stretches.push({ text: whole.slice(start, middle), special: false });
      stretches.push({ text: whole.slice(middle, end), special: false });
      from = end;
    }
    if (from < whole.length) stretches.push({ text: whole.slice(from), special: true });
    return stretches;
  }

  /** Places where a control token is spelled wholly or partly by text of users. */
  #spelledByUsers(whole: string, untrusted: readonly (readonly [number, number])[]): [number, number][] {
    if (this.#control === undefined || untrusted.length === 0) return [];
    const found: [number, number][] = [];
    let range = 0;
    for (const match of whole.matchAll(this.#control)) {
      const [start, end] = [match.index, match.index + match[0].length];
      while ((untrusted[range]?.[1] ?? Infinity) <= start) range++;
      if ((untrusted[range]?.[0] ?? Infinity) < end) found.push([start, end]);
    }
    return found;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
}

function untrustedRanges(pieces: readonly PromptPiece[]): (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  let at = 0;
  for (const { text, trusted } of pieces) {
    if (!trusted) ranges.push([at, at + text.length]);
    at += text.length;
  }
  return ranges;
}
