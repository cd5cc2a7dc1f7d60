/** Most events written at once: larger writes cost no less per event, and hold up other instances for longer. */
const maxEvents = 1_024;

interface Waiting<E> {
  readonly events: readonly E[];
  readonly written: PromiseWithResolvers<void>;
}

/**
 * Writes one after another, each with all that came while the one before was at work: what a write costs whatever its
 * size is shared by those who would only have waited. It has no bound of its own; whoever calls waits.
 */
export class MergedWrites<E> {
  readonly #write: (events: readonly E[]) => Promise<void>;
  #waiting: Waiting<E>[] = [];
  #isWriting = false;

  constructor(write: (events: readonly E[]) => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when the events are written, rejects with what the write failed with that they were part of. */
  add(events: readonly E[]): Promise<void> {
    const written = Promise.withResolvers<void>();
    this.#waiting.push({ events, written });
    if (!this.#isWriting) void this.#writeAll();
    return written.promise;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    for (let next = this.#take(); next.length > 0; next = this.#take()) {
      try {
        await this.#write(next.flatMap(({ events }) => events));
        for (const { written } of next) written.resolve();
      } catch (error) {
        for (const { written } of next) written.reject(error);
      }
    }
    this.#isWriting = false;
  }

  /** The first that fit together, at least one. */
  #take(): Waiting<E>[] {
    let events = 0;
    const end = this.#waiting.findIndex((waiting, index) => {
      events += waiting.events.length;
      return index > 0 && events > maxEvents;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }
}
