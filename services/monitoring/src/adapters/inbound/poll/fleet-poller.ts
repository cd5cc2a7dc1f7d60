import { sleep } from '@parley/kernel';
import type { FleetWatch } from '../../../domain/fleet-watch.ts';
import type { Target } from '../../../domain/instance-status.ts';

/** Looks at every target at a steady pace, each on its own, so that one that hangs delays no other. */
export class FleetPoller implements AsyncDisposable {
  readonly #watch: FleetWatch;
  readonly #intervalMs: number;
  readonly #closing = new AbortController();
  readonly #targets = new Map<string, Target>();
  readonly #notLookedAt = new Set<Target>();
  readonly #loops = new Map<Target, { readonly abort: AbortController; readonly done: Promise<void> }>();

  constructor(watch: FleetWatch, targets: readonly Target[], intervalMs: number) {
    this.#watch = watch;
    this.#intervalMs = intervalMs;
    for (const target of targets) this.#add(target);
  }

  start(): void {
    for (const target of this.#targets.values()) this.#begin(target);
  }

  /** Follows other targets from now on. @returns those that have come and those that have gone. */
  change(targets: readonly Target[]): { readonly came: readonly Target[]; readonly went: readonly Target[] } {
    const wanted = new Set(targets.map(keyOf));
    const came = targets.filter((target) => !this.#targets.has(keyOf(target)));
    const went = [...this.#targets.values()].filter((target) => !wanted.has(keyOf(target)));
    for (const target of went) {
      this.#targets.delete(keyOf(target));
      this.#notLookedAt.delete(target);
      this.#loops.get(target)?.abort.abort();
      this.#loops.delete(target);
    }
    for (const target of came) this.#add(target);
    return { came, went };
  }

  /** Begins to look at targets that `change` has brought. */
  follow(targets: readonly Target[]): void {
    for (const target of targets) this.#begin(target);
  }

  #add(target: Target): void {
    this.#targets.set(keyOf(target), target);
    this.#notLookedAt.add(target);
  }

  #begin(target: Target): void {
    if (this.#closing.signal.aborted || this.#loops.has(target)) return;
    const abort = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, abort.signal]);
    this.#loops.set(target, { abort, done: this.#follow(target, signal) });
  }

  /** Whether every target has been looked at, so that the view of the fleet is a true one. */
  health(): { ok: boolean; reason?: string } {
    if (this.#notLookedAt.size === 0) return { ok: true };
    return {
      ok: false,
      reason: `${this.#notLookedAt.size} of ${this.#targets.size} instances have not been asked yet.`,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all(Array.from(this.#loops.values(), ({ done }) => done));
  }

  async #follow(target: Target, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const startedAt = performance.now();
      await this.#watch.look(target, signal);
      this.#notLookedAt.delete(target);
      const pauseMs = Math.max(0, this.#intervalMs - (performance.now() - startedAt));
      await sleep(pauseMs, signal).catch(() => undefined);
    }
  }
}

function keyOf({ service, address }: Target): string {
  return `${service} ${address}`;
}
