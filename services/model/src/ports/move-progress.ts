/** Where work on a model tells how far it has come; aborting `signal` gives the work up. */
export interface MoveProgress {
  readonly signal: AbortSignal;
  /** What is being done now, for people. */
  stage(text: string): void;
  /** 0 to 1 of the whole work. */
  share(done: number): void;
  /** A line that stays, for people. */
  note(line: string): void;
}
