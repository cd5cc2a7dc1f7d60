import { ParleyError } from '@parley/kernel';
import type { Fence, NewTurn, OutboxEvent, StateStore, TurnEnd } from '@parley/state/ports';
import { encodeEntry } from '../log/log-entry.ts';
import type { LogEntry } from '../log/log-entry.ts';

/** What a turn's copy was first made of, kept to make it again. */
export interface FirstCopy {
  readonly row: NewTurn;
  /** The event that was committed with it. */
  readonly accepted: OutboxEvent;
  readonly fence: Fence;
}

/** What a copy writes to. */
export interface CopyParts {
  readonly state: Pick<StateStore, 'turns' | 'turnLogs'>;
  /** Makes this instance known as an owner, so that a turn that was written anew is nobody's orphan. */
  readonly renewOwner: () => Promise<unknown>;
  readonly onRebuilt: (turnId: string) => void;
}

/**
 * The state store's copy of a turn that runs here. Its owner writes it under the turn's fence. When the store has lost
 * the turn, as a flush does, the owner writes it anew with its whole log and goes on: under a new fence, with the same
 * event ids, so that what was published before is not recorded twice.
 */
export class TurnCopy {
  readonly #parts: CopyParts;
  readonly #first: Omit<FirstCopy, 'fence'>;
  #fence: Fence;
  #rebuilding: Promise<boolean> | undefined;

  constructor(parts: CopyParts, { row, accepted, fence }: FirstCopy) {
    this.#parts = parts;
    this.#first = { row, accepted };
    this.#fence = fence;
  }

  get fence(): Fence {
    return this.#fence;
  }

  /**
   * Writes entries to the turn's log.
   * @param before those that are in it already.
   * @throws ParleyError `stale_fence` when the turn is there and somebody else's, or has ended.
   */
  append(entries: readonly LogEntry[], before: readonly LogEntry[]): Promise<void> {
    const { turnLogs } = this.#parts.state;
    return this.#written(before, (fence) =>
      turnLogs.append(this.#first.row.id, fence, entries.map(encodeEntry)),
    );
  }

  /** Ends the turn. @param before the entries that are in its log already. @throws as `append`. */
  commit(end: TurnEnd, before: readonly LogEntry[]): Promise<void> {
    return this.#written(before, (fence) => this.#parts.state.turns.commit(this.#first.row.id, fence, end));
  }

  /**
   * Writes the turn anew if the store does not have it.
   * @param log all its entries so far.
   * @returns whether it was missing.
   */
  rebuild(log: readonly LogEntry[]): Promise<boolean> {
    this.#rebuilding ??= this.#rebuildNow(log).finally(() => (this.#rebuilding = undefined));
    return this.#rebuilding;
  }

  async #written(before: readonly LogEntry[], write: (fence: Fence) => Promise<void>): Promise<void> {
    const fence = this.#fence;
    try {
      await write(fence);
    } catch (error) {
      if (!(error instanceof ParleyError) || error.code !== 'stale_fence') throw error;
      const isRebuilt = (await this.rebuild(before)) || this.#fence !== fence;
      if (!isRebuilt) throw error;
      await write(this.#fence);
    }
  }

  async #rebuildNow(log: readonly LogEntry[]): Promise<boolean> {
    const { state, renewOwner, onRebuilt } = this.#parts;
    const { row, accepted } = this.#first;
    if ((await state.turns.get(row.id)) !== undefined) return false;
    await renewOwner();
    this.#fence = await state.turns.accept(row, row.stored ? log.map(encodeEntry) : [], [accepted]);
    onRebuilt(row.id);
    return true;
  }
}
