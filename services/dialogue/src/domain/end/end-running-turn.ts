import { ParleyError, sleep } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { OutboxEvent, TurnEnd, TurnStore } from '@parley/state/ports';
import type { TurnEventEncoder } from '../../ports/turn-event-encoder.ts';
import type { TurnWatch } from '../../ports/turn-watch.ts';
import { backoffMs } from '../backoff.ts';
import { turnEnd } from './commit-end.ts';
import { endTurn } from './ending.ts';
import type { EndedTurn, Ending } from './ending.ts';
import type { OutboxRelay } from '../outbox/outbox-relay.ts';
import type { RunningTurn } from '../turn/running-turn.ts';

/** How long the last entry waits for the event log once the turn is durable. */
const publishWaitMs = 250;

/** An owner that never lives: its turns are orphans at once. */
const nobody = 'nobody';

/** Ends a turn that runs here: one commit, then its last entries. */
export class EndRunningTurn {
  readonly #turns: TurnStore;
  readonly #encoder: TurnEventEncoder;
  readonly #relay: OutboxRelay;
  readonly #watch: TurnWatch;
  readonly #clock: Clock;
  readonly #givingUp = new AbortController();

  constructor(
    turns: TurnStore,
    encoder: TurnEventEncoder,
    relay: OutboxRelay,
    watch: TurnWatch,
    clock: Clock,
  ) {
    this.#turns = turns;
    this.#encoder = encoder;
    this.#relay = relay;
    this.#watch = watch;
    this.#clock = clock;
  }

  /** Resolves when the turn's last entry is visible, or when the turn has turned out to be another instance's. */
  async end(turn: RunningTurn, ending: Ending | 'stale'): Promise<void> {
    const pending = await turn.writer.close();
    if (ending === 'stale') return this.#leave(turn);
    const nextSequence = turn.writer.nextSequence;
    const unended = { document: turn.document, answer: turn.answer, pending, nextSequence };
    const ended = endTurn(unended, ending, this.#clock.now());
    const event = this.#encoder.ended(ended.document);
    const published = this.#relay.watch(event.id);
    try {
      if (!(await this.#commit(turn, ended, event))) return this.#leave(turn);
      this.#relay.kick();
      this.#watch.ended(ended.document.turn);
      turn.settle(ended.document.turn);
      turn.log.append(ended.entries.slice(0, -1));
      await published.wait(publishWaitMs);
      turn.log.append(ended.entries.slice(-1));
      turn.log.close();
    } finally {
      published.close();
    }
  }

  /** After a fault of ours: gives the turn to nobody, so that the next sweep ends it with its log's text. Never throws. */
  async abandon(turn: RunningTurn, fault: unknown): Promise<void> {
    this.#watch.writeFailed(turn.id, fault);
    try {
      await this.#turns.takeOver(turn.id, turn.copy.fence, nobody);
    } catch (error) {
      // Then it stays ours and does not run here: the search for lost turns ends it.
      this.#watch.writeFailed(turn.id, error);
    }
    this.#leave(turn);
  }

  /** Ends all tries to commit: the process stops, and what it still owns is ended by another instance. */
  giveUp(): void {
    this.#givingUp.abort();
  }

  /**
   * An accepted turn must get its end, so this tries for as long as the turn is ours; false when it is not. A try that
   * failed may have been done: then the next one finds the turn ended, in our words.
   */
  async #commit(turn: RunningTurn, ended: EndedTurn, event: OutboxEvent): Promise<boolean> {
    const end = turnEnd(ended, event);
    for (let failures = 1; ; failures++) {
      try {
        await turn.copy.commit(end, turn.log.entries);
        return true;
      } catch (error) {
        if (error instanceof ParleyError && error.code === 'stale_fence') {
          const isOurs = failures > 1 ? await this.#hasEnd(turn.id, end) : false;
          if (isOurs !== undefined) return isOurs;
        }
        this.#watch.writeFailed(turn.id, error);
        await sleep(backoffMs(failures, 50, 5_000), this.#givingUp.signal).catch(() => undefined);
        if (this.#givingUp.signal.aborted) return false;
      }
    }
  }

  /** Whether the turn has this end; undefined while the store does not answer. */
  async #hasEnd(id: string, end: TurnEnd): Promise<boolean | undefined> {
    try {
      const row = await this.#turns.get(id);
      return row?.ended === true && row.document === end.document;
    } catch {
      return undefined;
    }
  }

  /** Says nothing more: the owner does. Readers of a stored turn go on with the store's log. */
  #leave(turn: RunningTurn): void {
    this.#watch.moved(turn.id);
    turn.settle(undefined);
    turn.log.close();
  }
}
