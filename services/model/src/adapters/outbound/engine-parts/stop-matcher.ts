/**
 * Finds stop strings in a stream of text, also across its pieces: the one that is complete first, however the text is
 * cut. Text that may become a stop string is held back.
 */
export class StopMatcher {
  readonly #stops: readonly string[];
  readonly #longest: number;
  #held = '';

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '');
    this.#longest = this.#stops.reduce((longest, stop) => Math.max(longest, stop.length), 0);
  }

  /** The text that is certain by now; `stopped` once a stop string was met, which ends the stream before it. */
  push(piece: string): { text: string; stopped: boolean } {
    if (this.#longest === 0) return { text: piece, stopped: false };
    const text = this.#held + piece;
    const at = this.#firstStop(text);
    if (at !== undefined) {
      this.#held = '';
      return { text: text.slice(0, at), stopped: true };
    }
    const keep = this.#possibleStart(text);
    this.#held = text.slice(text.length - keep);
    return { text: text.slice(0, text.length - keep), stopped: false };
  }

  /** What was held back, once no more text comes. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  #firstStop(text: string): number | undefined {
    let first: { readonly at: number; readonly end: number } | undefined;
    for (const stop of this.#stops) {
      const at = text.indexOf(stop);
      if (at === -1) continue;
      const end = at + stop.length;
      if (first === undefined || end < first.end || (end === first.end && at < first.at)) first = { at, end };
    }
    return first?.at;
  }

  /** Length of the longest end of `text` that a stop string begins with. */
  #possibleStart(text: string): number {
    for (let length = Math.min(this.#longest - 1, text.length); length > 0; length--) {
      const end = text.slice(text.length - length);
      if (this.#stops.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }
}
