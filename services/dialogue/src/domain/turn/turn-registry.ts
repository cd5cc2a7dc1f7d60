import { ParleyError } from '@parley/kernel';
import type { RunningTurn } from './running-turn.ts';

/** A place in the registry, taken before a turn is accepted. */
export interface Slot {
  /** The turn that took the place. */
  fill(turn: RunningTurn): void;
  free(): void;
}

/** The turns that run on this instance, and the door through which new ones come. */
export class TurnRegistry {
  readonly #most: number;
  readonly #mayAccept: () => Promise<boolean>;
  readonly #requirePublishing: () => void;
  readonly #turns = new Map<string, RunningTurn>();
  readonly #emptied = new Set<() => void>();
  #taken = 0;
  #open = true;

  /**
   * @param most turns at once, those about to be accepted included.
   * @param mayAccept false while this instance cannot be sure to be known as the owner of its turns.
   * @param requirePublishing throws while events of new turns could not be published.
   */
  constructor(most: number, mayAccept: () => Promise<boolean>, requirePublishing: () => void) {
    this.#most = most;
    this.#mayAccept = mayAccept;
    this.#requirePublishing = requirePublishing;
  }

  /** @throws ParleyError `unavailable` while no turns are accepted here, `overloaded` when there are too many. */
  async reserve(): Promise<Slot> {
    const mayAccept = this.#open && (await this.#mayAccept());
    if (!this.#open) throw new ParleyError('unavailable', 'This instance is shutting down; try again.');
    if (!mayAccept) {
      throw new ParleyError('unavailable', 'The state store does not answer; try again.', {
        retryAfterMs: 1_000,
      });
    }
    this.#requirePublishing();
    if (this.#taken >= this.#most) {
      const message = `All ${this.#most} places for turns are taken; try again in a moment.`;
      throw new ParleyError('overloaded', message, { retryAfterMs: 1_000 });
    }
    this.#taken++;
    return this.#slot();
  }

  /** Accepts nothing from here on. */
  close(): void {
    this.#open = false;
  }

  get(id: string): RunningTurn | undefined {
    return this.#turns.get(id);
  }

  get turns(): readonly RunningTurn[] {
    return [...this.#turns.values()];
  }

  get busy(): boolean {
    return this.#taken > 0;
  }

  /** Resolves when no turn runs here any more, or `signal` aborts. */
  async untilIdle(signal: AbortSignal): Promise<void> {
    if (!this.busy || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#emptied.delete(done);
        resolve();
      };
      this.#emptied.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #slot(): Slot {
    let id: string | undefined;
    let free = false;
    return {
      fill: (turn) => {
        id = turn.id;
        this.#turns.set(id, turn);
      },
      free: () => {
        if (free) return;
        free = true;
        this.#taken--;
        if (id !== undefined) this.#turns.delete(id);
        if (this.#taken === 0) for (const done of this.#emptied) done();
      },
    };
  }
}
