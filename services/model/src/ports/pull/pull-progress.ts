/** Where a pull tells how far it is; aborting `signal` gives it up. */
export interface PullProgress {
  readonly signal: AbortSignal;
  /** What is being done now, for people. */
  stage(text: string): void;
  /** Of the whole work; `total` 0 = not known. */
  bytes(done: number, total: number): void;
  /** A line that stays, for people. */
  note(line: string): void;
}
