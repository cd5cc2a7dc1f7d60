import { ParleyError } from '@parley/kernel';
import type { LlamaModel } from 'node-llama-cpp';
import type { Vocabulary } from '../answer/answer-job.ts';
import type { NativeModel } from './llama-internals.ts';
import type { Tokenizer } from '../prompt/prompt-tokens.ts';
import { TokenBytes, tokenAttribute } from '../answer/token-bytes.ts';

/** Letters of one to four bytes, and no spacing that detokenizers tidy up. */
const sample = 'Parley says: naïve 你好 👋 42\nnew line';

/** A loaded model's tokens: both directions, and which of them control the model. */
export class GgufVocabulary implements Vocabulary, Tokenizer {
  readonly size: number;
  readonly controlTexts: readonly string[];
  readonly bosToken: number | undefined;
  readonly prependBos: boolean;
  readonly #native: NativeModel;
  readonly #bytes: TokenBytes;
  readonly #ends: ReadonlySet<number>;

  constructor(model: LlamaModel, native: NativeModel) {
    this.#native = native;
    const tokens = [...model.iterateAllTokens()].map(Number);
    this.size = tokens.length;
    this.bosToken = model.tokens.bos ?? undefined;
    this.prependBos = model.tokens.shouldPrependBosToken;
    this.#bytes = new TokenBytes({
      type: model.vocabularyType,
      spelling: (token) => native.getTokenString(token),
      attributes: (token) => native.getTokenAttributes(token),
      text: (token) => native.detokenize(Uint32Array.of(token)),
    });
    const control = tokenAttribute.control | tokenAttribute.unknown;
    this.#ends = new Set(tokens.filter((token) => native.isEogToken(token)));
    this.controlTexts = tokens
      .filter((token) => this.#ends.has(token) || (native.getTokenAttributes(token) & control) !== 0)
      .map((token) => native.getTokenString(token));
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
