import { appendFile, readFile } from 'node:fs/promises';
import { sleep } from '@parley/kernel';
import type { JobWork } from '../../src/job-work.ts';

/** Work that goes on where it was cut off: writes the numbers from 0 to `count` - 1 into a file, one after another. */
export const writeNumbers: JobWork = async ({ file, count }, progress) => {
  const written = await readFile(String(file), 'utf8').catch(() => '');
  for (let next = written.split('\n').length - 1; next < Number(count); next++) {
    await appendFile(String(file), `${next}\n`);
    progress.bytes(next + 1, Number(count));
    await sleep(2, progress.signal);
  }
};
