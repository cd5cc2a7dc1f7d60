import { sleep } from '@parley/kernel';
import type { FleetWatch } from '../../../domain/fleet-watch.ts';
import type { Target } from '../../../domain/instance-status.ts';

/** Looks at every target at a steady pace, each on its own, so that one that hangs delays no other. */
export class FleetPoller implements AsyncDisposable {
  readonly #watch: FleetWatch;
  readonly #targets: readonly Target[];
  readonly #intervalMs: number;
  readonly #closing = new AbortController();
  readonly #notLookedAt: Set<Target>;
  #loops: Promise<void>[] = [];

  constructor(watch: FleetWatch, targets: readonly Target[], intervalMs: number) {
    this.#watch = watch;
    this.#targets = targets;
    this.#intervalMs = intervalMs;
    this.#notLookedAt = new Set(targets);
  }

  start(): void {
    this.#loops = this.#targets.map((target) => this.#follow(target));
  }

  /** Whether every target has been looked at, so that the view of the fleet is a true one. */
  health(): { ok: boolean; reason?: string } {
    if (this.#notLookedAt.size === 0) return { ok: true };
    return {
      ok: false,
      reason: `${this.#notLookedAt.size} of ${this.#targets.length} instances have not been asked yet.`,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#loops);
  }

  async #follow(target: Target): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const startedAt = performance.now();
      await this.#watch.look(target, signal);
      this.#notLookedAt.delete(target);
      const pauseMs = Math.max(0, this.#intervalMs - (performance.now() - startedAt));
      await sleep(pauseMs, signal).catch(() => undefined);
    }
  }
}
