import { join } from 'node:path';
import { lockByFile } from './lock-by-file.ts';
import type { FileLock } from './lock-by-file.ts';

/**
 * Takes the data folder for one fleet, by a lock on `<dir>/fleet.lock`. The folder is made (0700) when missing.
 * @throws ParleyError `conflict` when another fleet has it.
 */
export function lockDataFolder(dir: string): FileLock {
  const refusal = `Another fleet uses the data folder ${dir}. Stop it, or set PARLEY_DATA to another folder.`;
  return lockByFile(join(dir, 'fleet.lock'), refusal);
}
