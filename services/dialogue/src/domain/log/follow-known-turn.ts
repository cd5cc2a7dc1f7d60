import { ParleyError, sleep } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { FollowTurn } from './follow-turn.ts';
import { inView } from './log-entry.ts';
import type { LogEntry, LogView } from './log-entry.ts';
import { outcomeLog } from './outcome-log.ts';
import type { RemoteReaders } from './remote-readers.ts';
import type { StoredLog } from './stored-log.ts';
import type { KnownTurn, StoredTurns } from '../turn/stored-turns.ts';
import type { TurnRegistry } from '../turn/turn-registry.ts';
import type { Turn } from '../turn/turn.ts';

const pollMs = 50;
/** A third of the time that somebody who waits counts as there. */
const noteMs = 3_000;

/** Where turns are, and who waits for those that run elsewhere. */
export interface FollowKnownParts {
  readonly registry: TurnRegistry;
  readonly follow: FollowTurn;
  readonly storedLog: StoredLog;
  readonly turns: StoredTurns;
  readonly readers: RemoteReaders;
}

/** How long a turn that runs elsewhere is waited for. */
export interface FollowKnownSettings {
  readonly clock: Clock;
  /** Milliseconds after a turn's deadline by which some instance must have ended it. */
  readonly ownerLossMs: number;
  /** Aborts when this instance stops. */
  readonly stopping: AbortSignal;
}

/** A turn that somebody has a right to read although the API may not give it back, and how they read. */
export interface KnownPlace {
  readonly id: string;
  readonly tenant: string;
  readonly view: LogView;
}

/**
 * Reads a turn from the start for a caller who would otherwise have started it: the log where it is kept, in this
 * instance's memory or in the store, else the outcome, which for an unstored turn of another instance is waited for.
 */
export class FollowKnownTurn {
  readonly #parts: FollowKnownParts;
  readonly #settings: FollowKnownSettings;

  constructor(parts: FollowKnownParts, settings: FollowKnownSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /** Entries until the turn has ended or `signal` aborts. @throws ParleyError `not_found`, `unavailable`. */
  async *follow(place: KnownPlace, signal: AbortSignal): AsyncGenerator<readonly LogEntry[], void> {
    const { registry, follow, turns } = this.#parts;
    const here = registry.get(place.id);
    if (here !== undefined) return yield* follow.follow(here, here.attach(-1, place.view), signal);
    const known = await turns.find(place.id, place.tenant);
    if (known.row.stored) yield* this.#stored(place, signal);
    else yield* this.#unstored(place, known, signal);
  }

  async *#stored(place: KnownPlace, signal: AbortSignal): AsyncGenerator<readonly LogEntry[], void> {
    const { storedLog, turns } = this.#parts;
    let begun = false;
    try {
      for await (const batch of storedLog.follow({ ...place, after: -1 }, signal)) {
        begun = true;
        yield batch;
      }
    } catch (error) {
      if (begun || !(error instanceof ParleyError) || error.code !== 'stream_expired') throw error;
      const { document } = await turns.findStored(place.id, place.tenant);
      yield outcomeOf(document.turn, place.view);
    }
  }

  async *#unstored(
    place: KnownPlace,
    known: KnownTurn,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogEntry[], void> {
    if (known.row.ended) return yield outcomeOf(known.document.turn, place.view);
    const created = outcomeOf(known.document.turn, place.view).slice(0, 1);
    yield created;
    const ended = await this.#ended(place, signal);
    if (ended !== undefined) yield outcomeOf(ended, place.view).slice(created.length);
  }

  /** The turn once it has ended; undefined when the reader has gone. */
  async #ended({ id, tenant }: KnownPlace, signal: AbortSignal): Promise<Turn | undefined> {
    const { turns, readers } = this.#parts;
    for (let waitedMs = 0; !signal.aborted; waitedMs += pollMs) {
      if (waitedMs % noteMs === 0) await readers.note(id);
      const known = await turns.find(id, tenant);
      if (known.row.ended) return known.document.turn;
      this.#requireHope(known);
      await sleep(pollMs, signal).catch(() => undefined);
    }
    return undefined;
  }

  #requireHope(known: KnownTurn): void {
    const { clock, ownerLossMs, stopping } = this.#settings;
    if (stopping.aborted)
      throw new ParleyError('unavailable', 'This instance is shutting down; send the request again.');
    if (clock.now() <= known.document.deadlineAtMs + ownerLossMs) return;
    throw new ParleyError(
      'unavailable',
      `Nothing ends turn ${known.row.id}, whose time is over; try again later.`,
    );
  }
}

function outcomeOf(turn: Turn, view: LogView): readonly LogEntry[] {
  return outcomeLog(turn).filter((entry) => inView(entry, view));
}
