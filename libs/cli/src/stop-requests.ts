import type { EventEmitter } from 'node:events';

/**
 * A script runner may pass on a Ctrl-C that the terminal has already told this process: what comes within this time
 * of the first request is the same request.
 */
const sameRequestMs = 500;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What to do when somebody wants this process to stop. */
export interface StopHandlers {
  /** The first request. */
  stop(): void;
  /** A later one: somebody does not want to wait. */
  force(): void;
}

/**
 * Listens for Ctrl-C, SIGTERM, the terminal's end, and the end of a parent that has an IPC channel to this process.
 * @param source the process.
 */
export function watchStopRequests(source: EventEmitter, handlers: StopHandlers): Disposable {
  let firstAt: number | undefined;
  const onRequest = (): void => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      handlers.stop();
    } else if (performance.now() - firstAt >= sameRequestMs) {
      handlers.force();
    }
  };
  for (const name of [...signals, 'disconnect']) source.on(name, onRequest);
  return {
    [Symbol.dispose]: () => {
      for (const name of [...signals, 'disconnect']) source.off(name, onRequest);
    },
  };
}
