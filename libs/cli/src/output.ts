/** Where a command writes: data and summaries to `out`, progress and faults to `err`. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Where bars may move: stderr when it is a terminal. */
  readonly terminal?: NodeJS.WriteStream;
}

/**
 * This process's own stdout and stderr. A reader that has gone (`parley up | head`) is no reason to end a fleet,
 * so its error is dropped.
 */
export function processOutput(): Output {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    ...(process.stderr.isTTY ? { terminal: process.stderr } : {}),
  };
}

/** `2.9 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
