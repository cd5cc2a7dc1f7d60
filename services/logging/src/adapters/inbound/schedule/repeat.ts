import { sleep } from '@parley/kernel';

/**
 * Runs `work` at once and again after every pause, never twice at a time. Disposing aborts the signal that the work
 * has and waits for it.
 */
export function repeat(
  pauseMs: number,
  work: (signal: AbortSignal) => Promise<void>,
  onError: (error: unknown) => void,
): AsyncDisposable {
  const closing = new AbortController();
  const { signal } = closing;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await work(signal).catch(onError);
      await sleep(pauseMs, signal).catch(() => undefined);
    }
  };
  const running = run();
  return {
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await running;
    },
  };
}
