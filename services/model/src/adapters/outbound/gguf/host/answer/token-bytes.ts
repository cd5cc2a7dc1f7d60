/** What the engine knows about its vocabulary. */
export interface VocabularySource {
  /** As the engine names it: bpe, spm, ugm, wpm, … */
  readonly type: string;
  /** The token as the vocabulary file spells it. */
  spelling(token: number): string;
  /** Bits of llama.cpp's token attributes. */
  attributes(token: number): number;
  /** The engine's own text of one token: the way for vocabularies whose spelling is not known here. */
  text(token: number): string;
}

/** llama.cpp's `llama_token_attr` bits. */
export const tokenAttribute = {
  unknown: 1,
  unused: 2,
  normal: 4,
  control: 8,
  userDefined: 16,
  byte: 32,
} as const;

const empty = new Uint8Array(0);

/** GPT-2's table of printable stand-ins for bytes, from stand-in to byte. */
const byteOfStandIn: ReadonlyMap<string, number> = makeByteTable();

function makeByteTable(): Map<string, number> {
  const table = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable =
      (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
    table.set(String.fromCodePoint(printable ? byte : next++), byte);
  }
  return table;
}

/**
 * The bytes each token adds to the text. The engine's own detokenizer answers in whole strings and replaces the
 * parts of a character it sees alone, so the bytes come from the spelling (llama.cpp `token_to_piece`).
 */
export class TokenBytes {
  readonly #source: VocabularySource;
  readonly #known = new Map<number, Uint8Array>();

  constructor(source: VocabularySource) {
    this.#source = source;
  }

  of(token: number): Uint8Array {
    const known = this.#known.get(token);
    if (known !== undefined) return known;
    const bytes = this.#read(token);
    this.#known.set(token, bytes);
    return bytes;
  }

  /** Has a token of which nothing would be seen give this text. */
  show(token: number, text: string): void {
    this.#known.set(token, Buffer.from(text, 'utf8'));
  }

  #read(token: number): Uint8Array {
    const attributes = this.#source.attributes(token);
    const silent = tokenAttribute.control | tokenAttribute.unknown | tokenAttribute.unused;
    if ((attributes & silent) !== 0) return empty;
    const spelling = this.#source.spelling(token);
    if ((attributes & tokenAttribute.userDefined) !== 0) return Buffer.from(spelling, 'utf8');
    if (this.#source.type === 'bpe') return bytesOfStandIns(spelling);
    if (['spm', 'ugm', 'wpm'].includes(this.#source.type)) return bytesOfPiece(spelling, attributes);
    return Buffer.from(this.#source.text(token), 'utf8');
  }
}

function bytesOfStandIns(spelling: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of spelling) {
    const byte = byteOfStandIn.get(character);
    if (byte === undefined) bytes.push(...Buffer.from(character, 'utf8'));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function bytesOfPiece(spelling: string, attributes: number): Uint8Array {
  if ((attributes & tokenAttribute.byte) !== 0) {
    const hex = /^<0x([0-9A-Fa-f]{2})>$/.exec(spelling)?.[1];
    return hex === undefined ? empty : Uint8Array.of(Number.parseInt(hex, 16));
  }
  return Buffer.from(spelling.replaceAll('\u2581', ' '), 'utf8');
}
