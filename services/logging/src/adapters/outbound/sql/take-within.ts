/** A row as far as its size matters. */
interface Sized {
  readonly data_length: number;
}

/** The first rows whose payloads fit together, at least one. @param maxDataLength in characters */
export function takeWithin<R extends Sized>(found: readonly R[], maxDataLength: number): R[] {
  let left = maxDataLength;
  const taken: R[] = [];
  for (const row of found) {
    left -= row.data_length;
    if (left < 0 && taken.length > 0) break;
    taken.push(row);
  }
  return taken;
}
