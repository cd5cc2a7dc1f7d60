import type { FollowTurn } from './follow-turn.ts';
import type { LogEntry } from './log-entry.ts';
import type { StoredLog } from './stored-log.ts';
import { noSuchTurn } from '../turn/stored-turns.ts';
import type { TurnRegistry } from '../turn/turn-registry.ts';

/** Joins the log of a stored turn, wherever the turn runs. */
export class AttachTurn {
  readonly #registry: TurnRegistry;
  readonly #follow: FollowTurn;
  readonly #storedLog: StoredLog;

  constructor(registry: TurnRegistry, follow: FollowTurn, storedLog: StoredLog) {
    this.#registry = registry;
    this.#follow = follow;
    this.#storedLog = storedLog;
  }

  /**
   * @param after number of the last entry the caller has; -1 for all.
   * @throws ParleyError `not_found`, `stream_expired`, `unavailable`.
   */
  async *attach(
    id: string,
    after: number,
    tenant: string,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogEntry[], void> {
    const turn = this.#registry.get(id);
    if (turn === undefined) return yield* this.#storedLog.follow({ id, tenant, after, view: 'all' }, signal);
    if (!turn.stored || turn.document.subject.tenant !== tenant) throw noSuchTurn(id);
    yield* this.#follow.follow(turn, turn.attach(after, 'all'), signal);
  }
}
