import { readdir, readFile } from 'node:fs/promises';

/** The processes that this one runs as engine hosts; probes are among them while they live. */
export async function hostPids(): Promise<number[]> {
  const pids: number[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (command.includes('gguf/host/main') && status.includes(`PPid:\t${process.pid}\n`))
      pids.push(Number(pid));
  }
  return pids;
}

/** The engine host, when nothing is being tried out. */
export async function hostPid(): Promise<number> {
  const [pid, ...others] = await hostPids();
  if (pid === undefined || others.length > 0)
    throw new Error(`There are ${others.length + 1} hosts or none.`);
  return pid;
}
