/** A piece of a text. */
export interface Span {
  readonly start: number;
  /** After its last character. */
  readonly end: number;
}

/** Whether two pieces share a character. */
export function overlap(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

/** The text with blanks in place of the pieces, so that places in it stay what they are. */
export function blankOut(text: string, spans: readonly Span[]): string {
  return spans.reduce(
    (rest, { start, end }) => rest.slice(0, start) + ' '.repeat(end - start) + rest.slice(end),
    text,
  );
}

/** Where a pattern with the flag `g` is found. */
export function spansOf(text: string, pattern: RegExp): readonly Span[] {
  return [...text.matchAll(pattern)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
}
