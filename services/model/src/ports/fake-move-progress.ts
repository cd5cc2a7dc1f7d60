import type { MoveProgress } from './move-progress.ts';

/** Remembers what it is told; `abort` gives the work up. */
export class FakeMoveProgress implements MoveProgress {
  readonly stages: string[] = [];
  readonly notes: string[] = [];
  readonly shares: number[] = [];
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stage(text: string): void {
    this.stages.push(text);
  }

  share(done: number): void {
    this.shares.push(done);
  }

  note(line: string): void {
    this.notes.push(line);
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }
}
