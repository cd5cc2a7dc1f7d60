/** One place where a pattern was found. */
export interface PatternMatch {
  readonly start: number;
  readonly end: number;
  /** The text of the pattern's named groups; a group that took no part is not there. */
  readonly groups: Readonly<Record<string, string>>;
}

/** A compiled pattern that takes time linear in the text, whatever the text is. */
export interface TextPattern {
  /** Every match, in order, none overlapping another. */
  matches(text: string): readonly PatternMatch[];
}
