/** Where a command writes: data and summaries to `out`, progress and faults to `err`. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Where bars may move: stderr when it is a terminal. */
  readonly terminal?: NodeJS.WriteStream;
  /** Aborts when nobody reads `out` any more (`| head`): what would go on writing may end. */
  readonly readerGone?: AbortSignal;
}

/**
 * This process's own stdout and stderr. A reader that has gone (`parley up | head`) is no reason to end a fleet,
 * so its error is dropped.
 */
export function processOutput(): Output {
  const gone = new AbortController();
  process.stdout.on('error', () => gone.abort());
  process.stderr.on('error', () => undefined);
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    readerGone: gone.signal,
    ...(process.stderr.isTTY ? { terminal: process.stderr } : {}),
  };
}

/** `2.9 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
