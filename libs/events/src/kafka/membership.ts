import { isRegrouping } from './kafka-errors.ts';

/** How often a batch that takes long reports for its member; kafkajs sends one heartbeat per heartbeat interval. */
const everyMs = 500;

/**
 * Keeps a member in its group while a batch is handled. `signal` aborts when the group changes, so that the batch is
 * ended or left to whoever gets it, and when heartbeats have failed for as long as the group waits for a member.
 */
export class Membership implements Disposable {
  readonly #heartbeat: () => Promise<void>;
  readonly #sessionMs: number;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #beating = false;
  #heardAt = performance.now();
  #fault: unknown;

  constructor(heartbeat: () => Promise<void>, sessionMs: number) {
    this.#heartbeat = heartbeat;
    this.#sessionMs = sessionMs;
    this.#timer = setInterval(() => void this.#beat(), everyMs);
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** What kafkajs has to hear of to join again; undefined while the membership holds. */
  get fault(): unknown {
    return this.#fault;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #beat(): Promise<void> {
    if (this.#beating || this.#lost.signal.aborted) return;
    this.#beating = true;
    try {
      await this.#heartbeat();
      this.#heardAt = performance.now();
    } catch (error) {
      if (isRegrouping(error) || performance.now() - this.#heardAt > this.#sessionMs) {
        this.#fault = error;
        this.#lost.abort();
      }
    } finally {
      this.#beating = false;
    }
  }
}
