/** A text as tokens, and its place among those asked for. */
export interface NumberedTokens {
  readonly index: number;
  readonly ids: readonly number[];
}

/**
 * Puts texts together that are run at once: of like length, so that little is filled up, and no more than
 * `tokensPerRun` with what is filled up; a longer text is alone.
 */
export function batchesOf(texts: readonly NumberedTokens[], tokensPerRun: number): NumberedTokens[][] {
  const batches: NumberedTokens[][] = [];
  for (const text of texts.toSorted((a, b) => b.ids.length - a.ids.length)) {
    const batch = batches.at(-1);
    const longest = batch?.[0]?.ids.length ?? 0;
    if (batch !== undefined && (batch.length + 1) * longest <= tokensPerRun) batch.push(text);
    else batches.push([text]);
  }
  return batches;
}
