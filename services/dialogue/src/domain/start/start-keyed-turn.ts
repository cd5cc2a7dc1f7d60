import { startOnce } from '@parley/state/ports';
import type { KeyedRequest, StateStore } from '@parley/state/ports';
import type { Caller } from './accept-turn.ts';
import type { FollowKnownTurn } from '../log/follow-known-turn.ts';
import type { FollowTurn } from '../log/follow-turn.ts';
import type { LogEntry, LogView } from '../log/log-entry.ts';
import type { StartRequest } from './start-request.ts';
import type { StartedTurn, StartTurn } from './start-turn.ts';

/** How long the key of a stored turn is remembered. */
const storedMs = 24 * 3_600_000;

/** What a keyed start needs of its instance. */
export interface KeyedStartSettings {
  /** An id for a new turn. */
  readonly newId: () => string;
  /** How long the key of an unstored turn is remembered: the longest turn, and how long its outcome is kept. */
  readonly unstoredMs: number;
  /** Told what could not be noted about a key. */
  readonly onError: (error: unknown) => void;
}

/** The reading ends of both kinds of turns. */
export interface TurnReading {
  readonly started: FollowTurn;
  readonly known: FollowKnownTurn;
}

/**
 * Starts a turn for a request that its client may repeat: the first one starts it, every other one reads the same turn,
 * while it runs and after its end, however it ended. It never runs twice.
 */
export class StartKeyedTurn {
  readonly #start: StartTurn;
  readonly #state: Pick<StateStore, 'turns' | 'idempotency'>;
  readonly #reading: TurnReading;
  readonly #settings: KeyedStartSettings;

  constructor(
    start: StartTurn,
    state: Pick<StateStore, 'turns' | 'idempotency'>,
    reading: TurnReading,
    settings: KeyedStartSettings,
  ) {
    this.#start = start;
    this.#state = state;
    this.#reading = reading;
    this.#settings = settings;
  }

  /**
   * The turn's log from its start.
   * @throws ParleyError as `StartTurn.start` does; `idempotency_mismatch` when the key came with another body;
   * `conflict` when its turn was deleted.
   */
  async *read(
    request: StartRequest,
    caller: Caller,
    view: LogView,
    keyed: Omit<KeyedRequest, 'tenant'>,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogEntry[], void> {
    const { tenant } = caller.tenant;
    const turn = await this.#turn(request, caller, view, { ...keyed, tenant }, signal);
    if (typeof turn === 'string') yield* this.#reading.known.follow({ id: turn, tenant, view }, signal);
    else yield* this.#reading.started.follow(turn.turn, turn.reader, signal);
  }

  /** The turn that this request started, or the id of the one that is there. */
  #turn(
    request: StartRequest,
    caller: Caller,
    view: LogView,
    keyed: KeyedRequest,
    signal: AbortSignal,
  ): Promise<StartedTurn | string> {
    const { newId, unstoredMs, onError } = this.#settings;
    const options = { subject: newId(), keepMs: request.store ? storedMs : unstoredMs, signal, onError };
    return startOnce<StartedTurn | string>(this.#state.idempotency, keyed, options, {
      find: async (id) => (await this.#state.turns.get(id))?.id,
      make: async (id, claim) => ({
        subject: id,
        made: await this.#start.start(request, caller, view, signal, { id, claim }),
      }),
      // An unstored turn goes with the time in which its outcome is kept; nothing else removes it.
      mayRepeat: !request.store,
    });
  }
}
