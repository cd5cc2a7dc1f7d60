import { ParleyError, sleep } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { TurnLogStore } from '@parley/state/ports';
import { decodeEntry, inView } from './log-entry.ts';
import type { LogEntry, LogView } from './log-entry.ts';
import type { KnownTurn, StoredTurns } from '../turn/stored-turns.ts';

const pageSize = 256;
const pollMs = 25;

/** How long logs are kept and waited for. */
export interface StoredLogSettings {
  readonly clock: Clock;
  /** Milliseconds a log is kept after its turn's end. */
  readonly retentionMs: number;
  /** Milliseconds after a turn's deadline by which some instance must have ended it. */
  readonly ownerLossMs: number;
  /** Aborts when this instance stops. */
  readonly stopping: AbortSignal;
}

/** Where a reader wants to go on. */
export interface LogPlace {
  readonly id: string;
  readonly tenant: string;
  /** Number of the last entry the reader has; -1 for all. */
  readonly after: number;
  readonly view: LogView;
}

/** The log as the store has it: for turns that run on another instance or have ended. */
export class StoredLog {
  readonly #logs: TurnLogStore;
  readonly #turns: StoredTurns;
  readonly #settings: StoredLogSettings;

  constructor(logs: TurnLogStore, turns: StoredTurns, settings: StoredLogSettings) {
    this.#logs = logs;
    this.#turns = turns;
    this.#settings = settings;
  }

  /**
   * Entries until the turn has ended, polled while it runs elsewhere.
   * @throws ParleyError `not_found`, `stream_expired`, `unavailable`.
   */
  async *follow(place: LogPlace, signal: AbortSignal): AsyncGenerator<readonly LogEntry[], void> {
    let known = await this.#turns.findStored(place.id, place.tenant);
    this.#checkKept(known);
    let { after } = place;
    while (!signal.aborted) {
      const page = await this.#logs.read(place.id, after, pageSize);
      // The end is written together with the document that shows it, so it is there by now.
      if (page.ended && !known.row.ended) known = await this.#turns.findStored(place.id, place.tenant);
      const entries = page.entries.map((entry) => decodeEntry(entry, known.document.turn));
      after = entries.at(-1)?.sequence ?? after;
      const seen = entries.filter((entry) => inView(entry, place.view));
      if (seen.length > 0) yield seen;
      // An ended log that lacks its last entry has been removed meanwhile.
      if (page.ended && after < (known.document.lastSequence ?? -1)) throw expired(place.id);
      if (page.ended) return;
      if (entries.length === 0) await this.#waitForMore(known, signal);
    }
  }

  /** All entries there are; for the one who has just become the turn's owner. */
  async all(known: KnownTurn): Promise<readonly LogEntry[]> {
    const entries: LogEntry[] = [];
    for (;;) {
      const page = await this.#logs.read(known.row.id, entries.at(-1)?.sequence ?? -1, pageSize);
      entries.push(...page.entries.map((entry) => decodeEntry(entry, known.document.turn)));
      if (page.entries.length < pageSize) return entries;
    }
  }

  async #waitForMore(known: KnownTurn, signal: AbortSignal): Promise<void> {
    const { clock, ownerLossMs, stopping } = this.#settings;
    if (stopping.aborted)
      throw new ParleyError('unavailable', 'This instance is shutting down; attach again.');
    if (clock.now() > known.document.deadlineAtMs + ownerLossMs) {
      throw new ParleyError(
        'unavailable',
        `Nothing ends turn ${known.row.id}, whose time is over; try again later.`,
      );
    }
    await sleep(pollMs, signal).catch(() => undefined);
  }

  /** @throws ParleyError `stream_expired` once the log is past its time, removed already or not. */
  #checkKept(known: KnownTurn): void {
    const { endedAtMs } = known.row;
    const { clock, retentionMs } = this.#settings;
    if (endedAtMs !== undefined && endedAtMs + retentionMs <= clock.now()) throw expired(known.row.id);
  }
}

function expired(id: string): ParleyError {
  const message = `The stream of response '${id}' is no longer kept; the finished response can still be retrieved.`;
  return new ParleyError('stream_expired', message);
}
