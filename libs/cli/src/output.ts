/** Where a command writes: data and summaries to `out`, progress and faults to `err`. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
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
  };
}

/** `2.9 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
