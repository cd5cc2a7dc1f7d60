/** Texts that must be in something, and texts that must not. */
export interface TextExpectation {
  readonly contains: readonly string[];
  readonly lacks: readonly string[];
}

/** What a document's own test found wrong: where its expectation stands in the test, and what was there instead. */
export interface TestFailure {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** @param at where the expectation stands in the test */
export function checkTexts(
  at: readonly (string | number)[],
  { contains, lacks }: TextExpectation,
  text: string,
): readonly TestFailure[] {
  const missing = contains.flatMap((part, index) =>
    text.includes(part) ? [] : [{ path: [...at, 'contains', index], message: `is not in: ${shown(text)}` }],
  );
  const surplus = lacks.flatMap((part, index) =>
    text.includes(part) ? [{ path: [...at, 'lacks', index], message: `is in: ${shown(text)}` }] : [],
  );
  return [...missing, ...surplus];
}

function shown(text: string): string {
  return text.length <= 300 ? `"${text}"` : `"…${text.slice(-300)}"`;
}
