import type { Caller } from '../../../domain/start/accept-turn.ts';
import type { LogEntry } from '../../../domain/log/log-entry.ts';
import type { StartWait } from '../../../domain/run/switch-waits.ts';

/** The entries of a turn, and before the first of them why it does not begin yet: of several waits the last. */
export async function* withWaits(
  caller: Caller,
  open: (caller: Caller) => AsyncIterable<readonly LogEntry[]>,
): AsyncGenerator<readonly LogEntry[] | StartWait, void> {
  let last: StartWait | undefined;
  let told = Promise.withResolvers<'told'>();
  const onWait = (wait: StartWait): void => {
    last = wait;
    told.resolve('told');
  };
  const entries = open({ ...caller, onWait })[Symbol.asyncIterator]();
  const first = entries.next();
  try {
    for (;;) {
      const step = await Promise.race([first, told.promise]);
      if (step !== 'told') break;
      told = Promise.withResolvers();
      if (last !== undefined) yield last;
    }
    for (let step = await first; step.done !== true; step = await entries.next()) yield step.value;
  } finally {
    await entries.return?.();
  }
}
