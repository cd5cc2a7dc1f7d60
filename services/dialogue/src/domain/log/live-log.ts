import { entryWeight, inView } from './log-entry.ts';
import type { LogEntry, LogView } from './log-entry.ts';

/** Most characters handed to a reader at once; keeps an answer far below gRPC's 4 MiB. */
const batchWeight = 256 * 1024;

/** The log in the memory of the turn's owner: written once, read by any number of readers at their own pace. */
export class LiveLog {
  readonly #entries: LogEntry[] = [];
  readonly #readers = new Set<LogReader>();
  readonly #onDeserted: () => void;
  #closed = false;

  /** @param onDeserted called when the last reader has left before the log was closed. */
  constructor(onDeserted: () => void) {
    this.#onDeserted = onDeserted;
  }

  /** Nothing will follow: the turn has ended, or goes on elsewhere. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether somebody reads the answer as it grows. */
  get watched(): boolean {
    for (const reader of this.#readers) if (reader.view === 'all') return true;
    return false;
  }

  /** Whether the log ends with the turn's end. */
  get complete(): boolean {
    return this.#entries.at(-1)?.body.type === 'turn_ended';
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** Makes entries visible together; their numbers follow those that are there. */
  append(entries: readonly LogEntry[]): void {
    for (const entry of entries) this.#entries.push(entry);
    this.#wakeAll();
  }

  close(): void {
    this.#closed = true;
    this.#wakeAll();
  }

  /** @param after number of the last entry the reader has; -1 for all. */
  attach(after: number, view: LogView): LogReader {
    const reader = new LogReader(this, after, view, () => {
      if (this.#readers.delete(reader) && this.#readers.size === 0 && !this.#closed) this.#onDeserted();
    });
    this.#readers.add(reader);
    return reader;
  }

  #wakeAll(): void {
    for (const reader of this.#readers) reader.wake();
  }
}

/** One reader's place in a log. It pulls, so a slow reader costs the turn nothing. */
export class LogReader {
  readonly view: LogView;
  readonly #log: LiveLog;
  readonly #onClose: () => void;
  #next: number;
  #closed = false;
  #resume: (() => void) | undefined;

  constructor(log: LiveLog, after: number, view: LogView, onClose: () => void) {
    this.#log = log;
    this.#next = after + 1;
    this.view = view;
    this.#onClose = onClose;
  }

  /** Number of the last entry this reader has passed; -1 before the first. */
  get position(): number {
    return this.#next - 1;
  }

  /** The next entries; undefined when there are no more here or the reader was closed. */
  async next(): Promise<readonly LogEntry[] | undefined> {
    while (!this.#closed) {
      const batch = this.#take();
      if (batch.length > 0) return batch;
      if (this.#log.closed && this.#next >= this.#log.entries.length) return undefined;
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
    return undefined;
  }

  wake(): void {
    if (this.#resume === undefined || (this.#waitsForEnd() && !this.#closed)) return;
    const resume = this.#resume;
    this.#resume = undefined;
    resume();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.wake();
    this.#onClose();
  }

  /** A reader of the result sleeps from the first entry until the log is complete. */
  #waitsForEnd(): boolean {
    return this.view === 'result' && this.#next > 0 && !this.#log.closed;
  }

  #take(): LogEntry[] {
    const { entries } = this.#log;
    const batch: LogEntry[] = [];
    let weight = 0;
    while (this.#next < entries.length && weight < batchWeight && !this.#waitsForEnd()) {
      const entry = entries[this.#next];
      if (entry === undefined) break;
      this.#next++;
      if (!inView(entry, this.view)) continue;
      batch.push(entry);
      weight += entryWeight(entry);
    }
    return batch;
  }
}
