import { ParleyError } from '@parley/kernel';
import type { Vocabulary } from '../../gguf/host/answer/answer-job.ts';
import type { Tokenizer } from '../../gguf/host/prompt/prompt-tokens.ts';
import { TokenBytes, tokenAttribute } from '../../gguf/host/answer/token-bytes.ts';
import type { HubFolder, TokenizerFile } from './hub-folder.ts';
import type { HubTokenizer } from './onnx-runtime.ts';

/** Letters of one to four bytes, and no spacing that tokenizers tidy up. */
const sample = 'Parley says: naïve 你好 👋 42\nnew line';

/** A hub tokenizer as prompts and answers need it: both directions, and which tokens control the model. */
export class OnnxVocabulary implements Vocabulary, Tokenizer {
  readonly size: number;
  readonly controlTexts: readonly string[];
  readonly bosToken: number | undefined;
  readonly prependBos: boolean;
  readonly #tokenizer: HubTokenizer;
  readonly #bytes: TokenBytes;
  readonly #ends: ReadonlySet<number>;

  /** @param size the tokens that the model has logits for */
  constructor(tokenizer: HubTokenizer, folder: HubFolder, size: number) {
    const { known } = folder.tokenizer;
    this.size = size;
    this.#tokenizer = tokenizer;
    this.bosToken = folder.bosText === '' ? undefined : tokenizer.token_to_id(folder.bosText);
    this.prependBos = folder.addsBos;
    const end = folder.eosText === '' ? undefined : tokenizer.token_to_id(folder.eosText);
    this.#ends = new Set([...folder.endTokens, ...(end === undefined ? [] : [end])]);
    this.controlTexts = known.added_tokens.filter(({ special }) => special).map(({ content }) => content);
    const attributes = attributesOf(known, tokenizer);
    const type = typeOf(known);
    this.#bytes = new TokenBytes({
      type,
      spelling: (token) => tokenizer.id_to_token(token) ?? '',
      attributes: (token) => attributes(token),
      text: (token) => tokenizer.id_to_token(token) ?? '',
    });
  }

  /** Whoever must not name control tokens has cut them in two before. */
  tokenize(text: string): readonly number[] {
    return text === '' ? [] : this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  bytesOf(token: number): Uint8Array {
    return this.#bytes.of(token);
  }

  isEnd(token: number): boolean {
    return this.#ends.has(token);
  }

  /** @throws ParleyError `unsupported` when tokens do not add up to the text they were made of. */
  check(): void {
    const text = Buffer.concat(this.tokenize(sample).map((token) => this.bytesOf(token))).toString('utf8');
    // SentencePiece vocabularies put a space before the first word.
    if (text === sample || text === ` ${sample}`) return;
    throw new ParleyError(
      'unsupported',
      'The onnx engine cannot turn the tokens of this vocabulary into exact text.',
    );
  }
}

/** How tokens are spelled, in llama.cpp's names: by stand-ins for bytes, or as text with a mark for spaces. */
function typeOf({ decoder }: TokenizerFile): string {
  return JSON.stringify(decoder ?? null).includes('"ByteLevel"') ? 'bpe' : 'spm';
}

function attributesOf({ added_tokens: added, model }: TokenizerFile, tokenizer: HubTokenizer) {
  const own = new Map(
    added.map(({ id, special }) => [id, special ? tokenAttribute.control : tokenAttribute.userDefined]),
  );
  const unknown = model.unk_token;
  return (token: number): number => {
    const known = own.get(token);
    if (known !== undefined) return known;
    const spelling = tokenizer.id_to_token(token);
    if (spelling === undefined || spelling === unknown) return tokenAttribute.unknown;
    const isByte = model.byte_fallback === true && /^<0x[0-9A-Fa-f]{2}>$/.test(spelling);
    return isByte ? tokenAttribute.byte : tokenAttribute.normal;
  };
}
