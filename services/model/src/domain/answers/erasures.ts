import { sleep } from '@parley/kernel';
import type { Engine } from '../../ports/engine.ts';
import { ownedScope } from './owned-scope.ts';

/** A cache scope whose owner was erased. */
export interface Erasure {
  readonly tenant: string;
  readonly scope: string;
  readonly erasedAtMs: number;
}

/** What following erasures takes. */
export interface ErasureParts {
  /** The erasures of the last day. */
  readonly read: () => Promise<readonly Erasure[]>;
  readonly engines: ReadonlyMap<string, Pick<Engine, 'forget'>>;
  readonly onTrouble: (error: unknown) => void;
}

/** An erasure is done within seconds of its order; a look costs one read of the store. */
const lookEveryMs = 2_000;

/** Has every engine of this instance forget what users who were erased have left in models. */
export class Erasures implements AsyncDisposable {
  readonly #parts: ErasureParts;
  readonly #closing = new AbortController();
  #done = new Set<string>();
  #running: Promise<void> | undefined;

  constructor(parts: ErasureParts) {
    this.#parts = parts;
  }

  /** Follows until it is disposed of. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Looks once. @throws what the store or an engine throws; what was not done is tried with the next look. */
  async look(): Promise<void> {
    const erasures = await this.#parts.read();
    const done = new Set<string>();
    for (const { tenant, scope, erasedAtMs } of erasures) {
      const erasure = `${erasedAtMs} ${ownedScope(tenant, scope)}`;
      if (!this.#done.has(erasure)) {
        for (const engine of this.#parts.engines.values()) await engine.forget?.(ownedScope(tenant, scope));
        this.#done.add(erasure);
      }
      done.add(erasure);
    }
    this.#done = done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.look().catch(this.#parts.onTrouble);
      await sleep(lookEveryMs, signal).catch(() => undefined);
    }
  }
}
