import type { EntryBody, LogEntry } from '../../src/domain/log/log-entry.ts';
import type { Turn } from '../../src/domain/turn/turn.ts';

/** A reader of a turn's log that notes what it sees, as a caller of the API would. */
export class Reading {
  readonly batches: (readonly LogEntry[])[] = [];
  readonly #left = new AbortController();
  readonly #done: Promise<void>;
  readonly #waiting: (() => void)[] = [];
  #failure: unknown;
  #finished = false;

  constructor(open: (signal: AbortSignal) => AsyncIterable<readonly LogEntry[]>) {
    this.#done = this.#read(open(this.#left.signal));
  }

  get finished(): boolean {
    return this.#finished;
  }

  get entries(): readonly LogEntry[] {
    return this.batches.flat();
  }

  get types(): readonly EntryBody['type'][] {
    return this.entries.map((entry) => entry.body.type);
  }

  get sequences(): readonly number[] {
    return this.entries.map((entry) => entry.sequence);
  }

  /** The text as a streaming client puts it together. */
  get text(): string {
    return this.entries.map(({ body }) => (body.type === 'text_delta' ? body.text : '')).join('');
  }

  /** Waits until an entry of that type has come. */
  async until(type: EntryBody['type'], count = 1): Promise<LogEntry> {
    for (;;) {
      const found = this.entries.filter((entry) => entry.body.type === type)[count - 1];
      if (found !== undefined) return found;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#finished) throw new Error(`The log ended without ${type}: ${this.types.join(', ')}`);
      await this.more();
    }
  }

  /** Resolves when more has come, or reading is over. */
  async more(): Promise<void> {
    if (this.#finished) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The turn's id, once it is given out. */
  async id(): Promise<string> {
    const { body } = await this.until('turn_created');
    return 'turn' in body ? body.turn.id : '';
  }

  /** The turn as the log's last entry shows it; rejects when reading failed. */
  async ended(): Promise<Turn> {
    await this.#done;
    if (this.#failure !== undefined) throw this.#failure;
    const last = this.entries.at(-1);
    if (last?.body.type !== 'turn_ended')
      throw new Error(`The log ended with ${last?.body.type ?? 'nothing'}`);
    return last.body.turn;
  }

  /** Resolves when reading is over, with what it failed with. */
  async over(): Promise<unknown> {
    await this.#done;
    return this.#failure;
  }

  /** Goes away, as a client that closes its connection. */
  async leave(): Promise<void> {
    this.#left.abort();
    await this.#done;
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  async #read(source: AsyncIterable<readonly LogEntry[]>): Promise<void> {
    try {
      for await (const batch of source) {
        this.batches.push(batch);
        this.#wake();
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#finished = true;
    this.#wake();
  }
}
