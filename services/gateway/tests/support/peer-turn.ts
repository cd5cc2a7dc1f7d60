import type { dialogue } from '@parley/contracts';

const entriesPerBatch = 16;

/** A turn of the peer: its log, and who waits for it. */
export class PeerTurn {
  readonly log: dialogue.LogEntry[] = [];
  readonly #cancelled = new AbortController();
  #wake = Promise.withResolvers<void>();
  turn: dialogue.Turn;

  constructor(turn: dialogue.Turn) {
    this.turn = turn;
  }

  get ended(): boolean {
    return this.log.at(-1)?.entry?.$case === 'turnEnded';
  }

  get cancelled(): AbortSignal {
    return this.#cancelled.signal;
  }

  append(entry: dialogue.LogEntry['entry']): void {
    this.log.push({ sequence: this.log.length, entry });
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  cancel(): void {
    this.#cancelled.abort();
  }

  /** Entries from a number on, as they come, until the turn has ended. */
  async *read(from: number): AsyncGenerator<dialogue.LogEntry[]> {
    for (let next = from; ;) {
      // What is written in one go leaves together, as dialogue coalesces it.
      await new Promise(setImmediate);
      const entries = this.log.slice(next, next + entriesPerBatch);
      next += entries.length;
      if (entries.length > 0) yield entries;
      if (this.ended && next >= this.log.length) return;
      if (next >= this.log.length) await this.#wake.promise;
    }
  }
}
