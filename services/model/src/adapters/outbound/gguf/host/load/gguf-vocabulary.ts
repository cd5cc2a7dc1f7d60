import { setImmediate } from 'node:timers/promises';
import { ParleyError } from '@parley/kernel';
import type { LlamaModel } from 'node-llama-cpp';
import type { Vocabulary } from '../answer/answer-job.ts';
import type { NativeModel } from './llama-internals.ts';
import type { Tokenizer } from '../prompt/prompt-tokens.ts';
import { TokenBytes, tokenAttribute } from '../answer/token-bytes.ts';

/** Letters of one to four bytes, and no spacing that detokenizers tidy up. */
const sample = 'Parley says: naïve 你好 👋 42\nnew line';

const controlling = tokenAttribute.control | tokenAttribute.unknown;

/** Tokens looked at between two chances of other models of the process to go on: about 2 ms. */
const tokensAtOnce = 4_096;

interface TokenKinds {
  readonly size: number;
  /** Tokens that end an answer. */
  readonly ends: ReadonlySet<number>;
  /** Tokens that control the model, in the order of the vocabulary. */
  readonly control: readonly number[];
}

/** The tokens that end answers are control tokens for llama.cpp, but for those that the file itself names as ends. */
async function tokenKinds(
  tokens: readonly number[],
  native: NativeModel,
  named: readonly (number | null)[],
): Promise<TokenKinds> {
  const ends = new Set<number>();
  const control: number[] = [];
  for (const [at, token] of tokens.entries()) {
    if (at % tokensAtOnce === 0) await setImmediate();
    const controls = (native.getTokenAttributes(token) & controlling) !== 0;
    if (!controls && !named.includes(token)) continue;
    const isEnd = native.isEogToken(token);
    if (isEnd) ends.add(token);
    if (isEnd || controls) control.push(token);
  }
  return { size: tokens.length, ends, control };
}

/** A loaded model's tokens: both directions, and which of them control the model. */
export class GgufVocabulary implements Vocabulary, Tokenizer {
  readonly size: number;
  readonly controlTexts: readonly string[];
  readonly bosToken: number | undefined;
  readonly prependBos: boolean;
  readonly #native: NativeModel;
  readonly #bytes: TokenBytes;
  readonly #ends: ReadonlySet<number>;

  private constructor(model: LlamaModel, native: NativeModel, { size, ends, control }: TokenKinds) {
    this.#native = native;
    this.size = size;
    this.bosToken = model.tokens.bos ?? undefined;
    this.prependBos = model.tokens.shouldPrependBosToken;
    this.#bytes = new TokenBytes({
      type: model.vocabularyType,
      spelling: (token) => native.getTokenString(token),
      attributes: (token) => native.getTokenAttributes(token),
      text: (token) => native.detokenize(Uint32Array.of(token)),
    });
    this.#ends = ends;
    this.controlTexts = control.map((token) => native.getTokenString(token));
  }

  /** Looks at every token of a loaded model. */
  static async of(model: LlamaModel, native: NativeModel): Promise<GgufVocabulary> {
    const tokens = [...model.iterateAllTokens()].map(Number);
    const { eos, eot } = model.tokens;
    return new GgufVocabulary(model, native, await tokenKinds(tokens, native, [eos, eot]));
  }

  tokenize(text: string, special: boolean): Uint32Array {
    return text === '' ? new Uint32Array(0) : this.#native.tokenize(text, special);
  }

  bytesOf(token: number): Uint8Array {
    return this.#bytes.of(token);
  }

  /** Lets control tokens that are spelled so be seen in answers. */
  show(spellings: readonly string[]): void {
    for (const spelling of spellings.filter((one) => this.controlTexts.includes(one))) {
      const [token, ...more] = Array.from(this.tokenize(spelling, true));
      if (token !== undefined && more.length === 0 && !this.#ends.has(token))
        this.#bytes.show(token, spelling);
    }
  }

  isEnd(token: number): boolean {
    return this.#ends.has(token);
  }

  /** @throws ParleyError `unsupported` when tokens do not add up to the text they were made of. */
  check(): void {
    const tokens = this.tokenize(sample, false);
    const text = Buffer.concat(Array.from(tokens, (token) => this.bytesOf(token))).toString('utf8');
    // SentencePiece vocabularies put a space before the first word.
    if (text === sample || text === ` ${sample}`) return;
    throw new ParleyError(
      'unsupported',
      'The gguf engine cannot turn the tokens of this vocabulary into exact text.',
    );
  }
}
