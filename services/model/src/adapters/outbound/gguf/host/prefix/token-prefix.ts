import { createHash } from 'node:crypto';
import type { CacheScope } from '../../../../../ports/cache-scope.ts';
import { blockTokens, domainOf } from './cache-scope.ts';

const bytesPerToken = 4;

/**
 * Tokens from the beginning of a sequence, and who may reuse them. Each whole block of tokens has a hash over all
 * before it, its tokens and its domain (SHA-256), so that equal hashes mean equal tokens of equal owners.
 */
export class TokenPrefix {
  readonly scope: CacheScope;
  #tokens: Uint32Array;
  #length = 0;
  #hashes: string[] = [];

  /** @param capacity tokens for which there is room without growing */
  constructor(scope: CacheScope, capacity = blockTokens) {
    this.scope = scope;
    this.#tokens = new Uint32Array(capacity);
  }

  static of(scope: CacheScope, tokens: Uint32Array): TokenPrefix {
    const prefix = new TokenPrefix(scope, tokens.length);
    prefix.append(tokens);
    return prefix;
  }

  get length(): number {
    return this.#length;
  }

  get tokens(): Uint32Array {
    return this.#tokens.subarray(0, this.#length);
  }

  append(tokens: Uint32Array): void {
    this.#reserve(this.#length + tokens.length);
    this.#tokens.set(tokens, this.#length);
    this.#length += tokens.length;
    while ((this.#hashes.length + 1) * blockTokens <= this.#length) this.#hashes.push(this.#nextHash());
  }

  /** The first `length` tokens, under another scope: those of a prompt that has the same there. */
  headFor(scope: CacheScope, length: number): TokenPrefix {
    const head = new TokenPrefix(scope, Math.max(length, blockTokens));
    head.append(this.tokens.subarray(0, length));
    return head;
  }

  /** How many of its first tokens anybody can ever reuse. */
  get reusableTokens(): number {
    if (this.scope.own !== '') return this.#length;
    const shared = this.scope.shared === '' ? 0 : Math.min(this.scope.sharedTokens, this.#length);
    return shared - (shared % blockTokens);
  }

  /** How many of its first tokens `prompt` may take over: equal tokens, in equal domains. */
  commonWith(prompt: TokenPrefix): number {
    let block = 0;
    const whole = Math.min(this.#hashes.length, prompt.#hashes.length);
    while (block < whole && this.#hashes[block] === prompt.#hashes[block] && this.#owned(block)) block++;
    const domain = domainOf(this.scope, block);
    const from = block * blockTokens;
    if (domain === undefined || domain !== domainOf(prompt.scope, block)) return from;
    const end = Math.min(this.#length, prompt.#length, from + blockTokens);
    let at = from;
    while (at < end && this.#tokens[at] === prompt.#tokens[at]) at++;
    return at;
  }

  #owned(block: number): boolean {
    return domainOf(this.scope, block) !== undefined;
  }

  #nextHash(): string {
    const block = this.#hashes.length;
    const from = block * blockTokens;
    const { buffer, byteOffset } = this.#tokens;
    const bytes = new Uint8Array(buffer, byteOffset + from * bytesPerToken, blockTokens * bytesPerToken);
    return createHash('sha256')
      .update(this.#hashes[block - 1] ?? '')
      .update(`\0${domainOf(this.scope, block) ?? ''}\0`)
      .update(bytes)
      .digest('base64');
  }

  #reserve(length: number): void {
    if (length <= this.#tokens.length) return;
    const larger = new Uint32Array(Math.max(length, this.#tokens.length * 2));
    larger.set(this.tokens);
    this.#tokens = larger;
  }
}
