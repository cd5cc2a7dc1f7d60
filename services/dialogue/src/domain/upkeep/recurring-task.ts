import { sleep } from '@parley/kernel';
import type { UpkeepWatch } from '../../ports/upkeep-watch.ts';

/** Does something again and again, never twice at once; a failure is told and does not end it. */
export class RecurringTask {
  readonly #name: string;
  readonly #intervalMs: number;
  readonly #work: () => Promise<void>;
  readonly #watch: UpkeepWatch;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(name: string, intervalMs: number, work: () => Promise<void>, watch: UpkeepWatch) {
    this.#name = name;
    this.#intervalMs = intervalMs;
    this.#work = work;
    this.#watch = watch;
  }

  /** Starts with a run at once. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Waits for the run that is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#work().catch((error: unknown) => this.#watch.taskFailed(this.#name, error));
      await sleep(this.#intervalMs, this.#stopping.signal).catch(() => undefined);
    }
  }
}
