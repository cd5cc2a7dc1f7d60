import { ParleyError, sleep } from '@parley/kernel';
import type { Deadline } from '@parley/kernel';
import type { StreamSlots } from './stream-slots.ts';

/** One client that follows one turn; disposed of when it has ended. */
export interface RunningTurn extends Disposable {
  /** Ends it: because its client has gone, or because the process goes away. */
  readonly controller: AbortController;
}

/** The turns that clients of all protocols follow in this process: bounded, and ended together at shutdown. */
export class RunningTurns {
  readonly #slots: StreamSlots;
  readonly #running = new Set<AbortController>();

  constructor(slots: StreamSlots) {
    this.#slots = slots;
  }

  /** @throws ParleyError `overloaded` when this process follows as many as it may */
  begin(controller = new AbortController()): RunningTurn {
    const slot = this.#slots.take();
    this.#running.add(controller);
    return {
      controller,
      [Symbol.dispose]: () => {
        this.#running.delete(controller);
        slot[Symbol.dispose]();
      },
    };
  }

  /**
   * Waits for the running turns, then ends those that are left with an error that says how to go on.
   * @param until when the rest is told to end
   * @param signal aborts when there is no time left at all
   */
  async drain(until: Deadline, signal: AbortSignal): Promise<void> {
    while (this.#running.size > 0 && !until.passed) await sleep(50, signal);
    for (const controller of this.#running) controller.abort(gatewayStopping());
    while (this.#running.size > 0) await sleep(10, signal);
  }
}

/** What a client is told whose turn outlives this process. */
export function gatewayStopping(): ParleyError {
  return new ParleyError(
    'unavailable',
    'This gateway is stopping. A stored response goes on: attach to it again with starting_after = the last sequence number received, for example GET /v1/responses/{id}?stream=true&starting_after=7.',
  );
}
