import { ParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { TurnStore } from '@parley/state/ports';
import type { TurnEventEncoder } from '../../ports/turn-event-encoder.ts';
import { Answer } from '../turn/answer.ts';
import { turnEnd } from './commit-end.ts';
import { endTurn } from './ending.ts';
import type { Ending, UnendedTurn } from './ending.ts';
import type { OutboxRelay } from '../outbox/outbox-relay.ts';
import type { StoredLog } from '../log/stored-log.ts';
import type { KnownTurn } from '../turn/stored-turns.ts';
import type { Turn } from '../turn/turn.ts';

/** Who takes over, and by which clock. */
export interface TakeOverSettings {
  readonly owner: string;
  readonly clock: Clock;
}

/** Ends a turn that another instance owns or owned: takes it over, so that nothing more comes of it there, and commits. */
export class TakeOverTurn {
  readonly #turns: TurnStore;
  readonly #storedLog: StoredLog;
  readonly #encoder: TurnEventEncoder;
  readonly #relay: OutboxRelay;
  readonly #settings: TakeOverSettings;
  readonly #underway = new Set<string>();
  readonly #owed = new Map<string, { known: KnownTurn; ending: Ending }>();

  constructor(
    turns: TurnStore,
    storedLog: StoredLog,
    encoder: TurnEventEncoder,
    relay: OutboxRelay,
    settings: TakeOverSettings,
  ) {
    this.#turns = turns;
    this.#storedLog = storedLog;
    this.#encoder = encoder;
    this.#relay = relay;
    this.#settings = settings;
  }

  /** The turn as it ended; undefined when somebody else was first. A failed commit is tried again by `settleOwed`. */
  async end(known: KnownTurn, ending: Ending): Promise<Turn | undefined> {
    const { id } = known.row;
    this.#underway.add(id);
    try {
      const fence = await this.#turns.takeOver(id, known.row.fence, this.#settings.owner);
      if (fence === undefined) return undefined;
      // From here on the old owner's fence is stale, so the log stands still.
      return await this.#commit({ ...known, row: { ...known.row, fence } }, ending);
    } finally {
      this.#underway.delete(id);
    }
  }

  /** Whether a turn is being ended here, or its commit is owed. */
  isEnding(id: string): boolean {
    return this.#underway.has(id) || this.#owed.has(id);
  }

  /** Commits what was taken over and could not be committed then: nobody else would, while this instance lives. */
  async settleOwed(): Promise<void> {
    await Promise.all(Array.from(this.#owed.values(), ({ known, ending }) => this.#commit(known, ending)));
  }

  async #commit(known: KnownTurn, ending: Ending): Promise<Turn | undefined> {
    const { id, fence } = known.row;
    try {
      const ended = endTurn(await this.#unended(known), ending, this.#settings.clock.now());
      await this.#turns.commit(id, fence, turnEnd(ended, this.#encoder.ended(ended.document)));
      this.#owed.delete(id);
      this.#relay.kick();
      return ended.document.turn;
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'stale_fence') {
        this.#owed.delete(id);
        return undefined;
      }
      this.#owed.set(id, { known, ending });
      throw error;
    }
  }

  /** The text and the next number come from the log; an unstored turn left none, and nobody can read it. */
  async #unended(known: KnownTurn): Promise<UnendedTurn> {
    const { document } = known;
    if (!known.row.stored) return { document, answer: undefined, pending: [], nextSequence: 0 };
    const entries = await this.#storedLog.all(known);
    const nextSequence = (entries.at(-1)?.sequence ?? -1) + 1;
    return { document, answer: Answer.fromLog(entries), pending: [], nextSequence };
  }
}
