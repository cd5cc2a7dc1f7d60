import { ParleyError } from '@parley/kernel';
import { resultCodeOf } from './result-code.ts';

/** What the disk or the memory can do to a write: NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN. */
const causes: ReadonlyMap<number, string> = new Map([
  [7, 'memory is short'],
  [8, 'its file is read-only'],
  [10, 'the disk reports an error'],
  [11, 'its file is damaged'],
  [13, 'the disk is full'],
  [14, 'its file cannot be opened'],
]);

/** A fault of the storage as ParleyError `unavailable`; any other thrown value as it is. */
export function asStorageFault(error: unknown): unknown {
  const cause = causes.get(resultCodeOf(error) ?? 0);
  if (cause === undefined) return error;
  return new ParleyError('unavailable', `The database cannot be used: ${cause}.`, { cause: error });
}
