import type { Clock } from '@parley/kernel';
import type { StateStore } from '@parley/state/ports';
import type { UpkeepWatch } from '../../ports/upkeep-watch.ts';
import { ownerLost } from '../end/ending.ts';
import type { TakeOverTurn } from '../end/take-over-turn.ts';
import { decodeDocument } from '../turn/turn-document.ts';
import type { TurnRegistry } from '../turn/turn-registry.ts';

/** Younger turns may still be on their way into the registry: a step of the store takes some seconds at most. */
const graceMs = 20_000;
const atOnce = 16;

/** Who looks for its lost turns, and by which clock. */
export interface LostTurnsSettings {
  readonly owner: string;
  readonly clock: Clock;
}

/**
 * Brings the store and this instance to one view of the instance's turns. Turns that the store counts as its own and
 * that do not run here are ended: a step that failed with `unavailable` may have been done all the same, and while this
 * instance lives nobody else would end them. Turns that run here and that the store has lost are written anew.
 */
export class LostTurns {
  readonly #state: Pick<StateStore, 'owners' | 'turns'>;
  readonly #registry: TurnRegistry;
  readonly #takeOver: TakeOverTurn;
  readonly #watch: UpkeepWatch;
  readonly #settings: LostTurnsSettings;

  constructor(
    state: Pick<StateStore, 'owners' | 'turns'>,
    registry: TurnRegistry,
    takeOver: TakeOverTurn,
    watch: UpkeepWatch,
    settings: LostTurnsSettings,
  ) {
    this.#state = state;
    this.#registry = registry;
    this.#takeOver = takeOver;
    this.#watch = watch;
    this.#settings = settings;
  }

  /** Looks at all there are; what fails is tried again in the next round. */
  async round(): Promise<void> {
    const { owner, clock } = this.#settings;
    const before = clock.now() - graceMs;
    const ids = await this.#state.owners.running(owner, before);
    await this.#rebuildMissing(new Set(ids), before);
    const lost = ids.filter((id) => !this.#isInHand(id));
    let ended = 0;
    for (let at = 0; at < lost.length; at += atOnce) {
      const batch = lost.slice(at, at + atOnce);
      const outcomes = await Promise.all(batch.map((id) => this.#endOne(id)));
      ended += outcomes.filter(Boolean).length;
    }
    if (ended > 0) this.#watch.lostTurnsEnded(ended);
  }

  async #rebuildMissing(known: ReadonlySet<string>, createdBeforeMs: number): Promise<void> {
    const missing = this.#registry.turns.filter(
      ({ id, document }) => document.turn.createdAtMs < createdBeforeMs && !known.has(id),
    );
    for (const turn of missing) {
      try {
        await turn.copy.rebuild(turn.log.entries);
      } catch (error) {
        this.#watch.taskFailed('search for lost turns', error);
      }
    }
  }

  async #endOne(id: string): Promise<boolean> {
    try {
      const row = await this.#state.turns.get(id);
      if (row === undefined || row.ended || this.#isInHand(id)) return false;
      return (await this.#takeOver.end({ row, document: decodeDocument(row) }, ownerLost)) !== undefined;
    } catch (error) {
      this.#watch.taskFailed('search for lost turns', error);
      return false;
    }
  }

  #isInHand(id: string): boolean {
    return this.#registry.get(id) !== undefined || this.#takeOver.isEnding(id);
  }
}
