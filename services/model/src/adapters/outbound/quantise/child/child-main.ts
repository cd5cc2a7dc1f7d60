import { setPriority } from 'node:os';
import { toParleyError } from '@parley/kernel';
import type { ChildMessage } from '../child-protocol.ts';
import { jobNiceness } from '../job-niceness.ts';

/** More often nobody looks. */
const shareEveryMs = 100;

/**
 * What every child does: yields to what serves, takes its order, tells what came of it, and ends when its parent has
 * heard it. It does not outlive its parent.
 */
export function childMain(
  work: (order: unknown, onShare: (share: number) => void) => Promise<unknown>,
): void {
  setPriority(jobNiceness);
  // The parent decides when a terminal's Ctrl-C or a process group's signal ends the work.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  const onOrphaned = (): void => void process.kill(process.pid, 'SIGKILL');
  process.once('disconnect', onOrphaned);
  const send = (message: ChildMessage): void => {
    if (process.connected) process.send?.(message);
  };
  let saidAt = 0;
  const onShare = (share: number): void => {
    const now = performance.now();
    if (now - saidAt < shareEveryMs) return;
    saidAt = now;
    send({ type: 'share', share });
  };
  const onEnd = (message: ChildMessage): void => {
    process.once('message', () => {
      process.off('disconnect', onOrphaned);
      process.disconnect();
    });
    send(message);
  };
  process.once('message', (order: unknown) => {
    void work(order, onShare).then(
      (result) => onEnd({ type: 'result', result }),
      (thrown: unknown) => {
        const { code, message } = toParleyError(thrown);
        onEnd({ type: 'failed', code, message });
      },
    );
  });
}
