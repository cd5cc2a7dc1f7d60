import type { ServerResponse } from 'node:http';

/**
 * Waits until a client has taken what was written. Progress is what the socket has taken; without any for the time that
 * is given, the client is disconnected.
 */
export function roomToWrite(
  raw: ServerResponse,
  stallTimeoutMs: number,
  onStalled: () => void,
): Promise<void> {
  return new Promise((resolve) => {
    let pending = raw.writableLength;
    const watchdog = setInterval(() => {
      if (raw.writableLength < pending) {
        pending = raw.writableLength;
        return;
      }
      onStalled();
      raw.destroy();
      done();
    }, stallTimeoutMs);
    const done = (): void => {
      clearInterval(watchdog);
      raw.off('drain', done);
      raw.off('close', done);
      resolve();
    };
    raw.once('drain', done);
    raw.once('close', done);
  });
}
