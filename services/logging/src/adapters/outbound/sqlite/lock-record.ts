import { join } from 'node:path';
import { ParleyError } from '@parley/kernel';
import { lockByFile } from '@parley/sqlite';

/**
 * Takes the record of a data folder for one process, by a lock on `<dir>/record.lock`, which dies with the process.
 * `record.db` itself stays readable for tools.
 * @throws ParleyError `conflict` when another process has it, `config_invalid` when the folder cannot be written.
 */
export function lockRecord(dir: string): Disposable {
  const refusal = `Another logging service keeps the record in ${dir}. One instance can use it; several need PostgreSQL.`;
  try {
    const lock = lockByFile(join(dir, 'record.lock'), refusal);
    return { [Symbol.dispose]: () => lock.release() };
  } catch (error) {
    throw error instanceof ParleyError ? error : unwritable(dir, error);
  }
}

function unwritable(dir: string, cause: unknown): ParleyError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ParleyError(
    'config_invalid',
    `The data folder ${dir} cannot be written (${why}). Set PARLEY_DATA to another.`,
    {
      cause,
    },
  );
}
