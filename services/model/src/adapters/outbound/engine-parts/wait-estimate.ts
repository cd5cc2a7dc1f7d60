/** What weighs an answer less with each one that ends after it. */
const decay = 0.9;
/** Fewer tokens say nothing about how long one takes. */
const leastTokens = 64;

/** How long those will wait who come now, judged by how long answers have held their slots lately. */
export class WaitEstimate {
  readonly #slots: number;
  #heldMs = 0;
  #tokens = 0;
  #outputTokens = 0;
  #answers = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** Learns from an answer that has ended. @param tokens it has read and made */
  ended(answer: { readonly tokens: number; readonly outputTokens: number; readonly heldMs: number }): void {
    this.#heldMs = this.#heldMs * decay + answer.heldMs;
    this.#tokens = this.#tokens * decay + answer.tokens;
    this.#outputTokens = this.#outputTokens * decay + answer.outputTokens;
    this.#answers = this.#answers * decay + 1;
  }

  /** Tokens that an answer is likely to have which may have `most`. */
  outputTokens(most: number): number {
    if (this.#answers === 0) return most;
    return Math.min(most, Math.ceil(this.#outputTokens / this.#answers));
  }

  /** Milliseconds until the slots have worked these tokens off; 0 while too little is known. */
  waitMs(tokensBefore: number): number {
    if (this.#tokens < leastTokens) return 0;
    return Math.ceil((tokensBefore * this.#heldMs) / this.#tokens / this.#slots);
  }
}
