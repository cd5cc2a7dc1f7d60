/** SQLite's primary result code in a thrown value (https://sqlite.org/rescode.html); undefined when it has none. */
export function resultCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  // The lowest byte is the primary code, the rest says more about it.
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
