import { execFile, spawn } from 'node:child_process';
import { mkdtemp, open, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Room for the data folder of a fleet under load, and soon filled. */
const diskMegabytes = 96;

/** A place for a data folder whose disk can be full for a while. */
export interface SmallDisk extends AsyncDisposable {
  readonly dataDir: string;
  /** From here on no write of these processes succeeds. */
  fillUp(pids: readonly number[]): Promise<void>;
  /** They can write again. */
  makeRoom(pids: readonly number[]): Promise<void>;
}

/** A small disk, or why there can be none here: a file system of its own where this user may mount one, else limits. */
export async function findSmallDisk(): Promise<(() => Promise<SmallDisk>) | string> {
  if (await works(mounted)) return mounted;
  if (await works(limited)) return limited;
  return 'no disk to fill: neither a tmpfs can be mounted nor prlimit be used';
}

async function works(make: () => Promise<SmallDisk>): Promise<boolean> {
  const somebody = spawn('sleep', ['10'], { stdio: 'ignore' });
  const pids = [somebody.pid ?? 0];
  try {
    await using disk = await make();
    await disk.fillUp(pids);
    await disk.makeRoom(pids);
    return true;
  } catch {
    return false;
  } finally {
    somebody.kill();
  }
}

/** A tmpfs, which one more file fills. */
async function mounted(): Promise<SmallDisk> {
  const disk = await mkdtemp(join(tmpdir(), 'parley-disk-'));
  const remove = (): Promise<void> => rm(disk, { recursive: true, force: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMegabytes}m`, 'tmpfs', disk]);
  } catch (error) {
    await remove();
    throw error;
  }
  const filler = join(disk, 'filler');
  return {
    dataDir: join(disk, 'data'),
    fillUp: () => fillWith(filler),
    makeRoom: () => unlink(filler),
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['--lazy', disk]);
      await remove();
    },
  };
}

async function fillWith(path: string): Promise<void> {
  await using file = await open(path, 'w');
  // The last bytes too: smaller and smaller pieces.
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    const piece = Buffer.alloc(size);
    while (await file.write(piece).then(({ bytesWritten }) => bytesWritten === size, isFull));
  }
}

function isFull(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
  throw error;
}

/** The processes' own limit on file sizes; the soft one, which they may have back. Node ignores SIGXFSZ. */
async function limited(): Promise<SmallDisk> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-disk-'));
  const limit = async (pids: readonly number[], size: string): Promise<void> => {
    for (const pid of pids) await run('prlimit', ['--pid', String(pid), `--fsize=${size}:unlimited`]);
  };
  return {
    dataDir,
    fillUp: (pids) => limit(pids, '0'),
    makeRoom: (pids) => limit(pids, 'unlimited'),
    [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }),
  };
}
