import { readFileSync } from 'node:fs';
import { ParleyError, sleep } from '@parley/kernel';
import type { FleetFile } from './fleet-file.ts';

const pollMs = 50;

/** What waiting for a killed fleet's processes needs. */
export interface PredecessorWait {
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  onWaiting(pids: readonly number[]): void;
}

/**
 * Waits until the services of a fleet whose supervisor was killed have drained and ended: until then they hold
 * the HTTP port and write to the data folder.
 * @throws ParleyError `conflict` naming those that do not end.
 */
export async function waitForPredecessor(previous: FleetFile, wait: PredecessorWait): Promise<void> {
  const giveUpAt = performance.now() + wait.limitMs;
  let running = stillRunning(previous);
  if (running.length > 0) wait.onWaiting(running);
  while (running.length > 0) {
    if (performance.now() > giveUpAt) {
      const message = `Services of the fleet that ran here before do not end; end their processes first: ${running.join(', ')}.`;
      throw new ParleyError('conflict', message);
    }
    await sleep(pollMs, wait.signal);
    running = stillRunning(previous);
  }
}

function stillRunning(previous: FleetFile): number[] {
  return previous.instances.flatMap(({ pid, entry }) => (pid !== undefined && runs(pid, entry) ? [pid] : []));
}

/** Whether process `pid` is the service: a process id alone may have been given to another program since. */
function runs(pid: number, entry: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(entry);
  } catch (error) {
    return process.platform !== 'linux' && (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
