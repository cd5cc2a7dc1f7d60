import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileCacheRoom } from '../pull/file-cache-room.ts';

/** Where making tells that it waits; aborting `signal` gives it up. */
interface Waiting {
  readonly signal: AbortSignal;
  readonly onWait: () => void;
}

/**
 * A folder that is made once for all processes: beside its place, then moved there. A folder that is there is whole.
 * @param make fills the folder that it is given
 * @throws what `make` throws; nothing is left of it then.
 */
export async function onceMade(
  target: string,
  { signal, onWait }: Waiting,
  make: (part: string) => Promise<void>,
): Promise<string> {
  if (existsSync(target)) return target;
  const parent = dirname(target);
  const name = target.slice(parent.length + 1);
  await mkdir(parent, { recursive: true });
  await new FileCacheRoom(parent).alone(name, signal, onWait, async () => {
    if (existsSync(target)) return;
    const prefix = `${name}.part-`;
    // Of a process that was killed.
    for (const left of (await readdir(parent)).filter((file) => file.startsWith(prefix)))
      await rm(join(parent, left), { recursive: true, force: true });
    const part = await mkdtemp(join(parent, prefix));
    try {
      await make(part);
      await rename(part, target);
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  });
  return target;
}
