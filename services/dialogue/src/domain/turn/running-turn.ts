import { ParleyError } from '@parley/kernel';
import type { Deadline, TenantContext } from '@parley/kernel';
import type { CallScope } from '../../ports/model-client.ts';
import { Answer } from './answer.ts';
import { Linger } from './linger.ts';
import type { LingerSettings } from './linger.ts';
import { LiveLog } from '../log/live-log.ts';
import type { LogReader } from '../log/live-log.ts';
import type { LogEntry, LogView } from '../log/log-entry.ts';
import { LogWriter } from '../log/log-writer.ts';
import type { LogWriterHooks } from '../log/log-writer.ts';
import type { StrategyStep } from '../strategy/strategy.ts';
import type { TurnCopy } from './turn-copy.ts';
import type { TurnDocument } from './turn-document.ts';
import type { Turn } from './turn.ts';

/** Why a turn is stopped before its model has finished. `stale`: another instance owns it now. */
export type StopReason = 'cancelled' | 'deadline' | 'draining' | 'stale';

/** What makes a running turn out of an accepted one. */
export interface AcceptedTurn {
  readonly document: TurnDocument;
  readonly copy: TurnCopy;
  readonly tenant: TenantContext;
  readonly firstEntry: LogEntry;
  readonly deadlines: TurnDeadlines;
  /** For an unstored turn whose readers may come back; undefined: it stops with its last reader. */
  readonly linger?: LingerSettings | undefined;
}

/** Both deadlines of a turn. */
export interface TurnDeadlines {
  readonly firstToken: Deadline;
  readonly total: Deadline;
}

/** A turn in the hands of its owner: its log, its answer so far, and the handle to stop it. */
export class RunningTurn {
  readonly copy: TurnCopy;
  readonly log: LiveLog;
  readonly writer: LogWriter;
  readonly answer = new Answer();
  readonly deadlines: TurnDeadlines;
  readonly #tenant: TenantContext;
  readonly #stopping = new AbortController();
  readonly #settled = Promise.withResolvers<Turn | undefined>();
  readonly #linger: Linger | undefined;
  #document: TurnDocument;
  #stopReason: StopReason | undefined;

  constructor(accepted: AcceptedTurn, onError: LogWriterHooks['onError']) {
    this.#document = accepted.document;
    this.copy = accepted.copy;
    this.deadlines = accepted.deadlines;
    this.#tenant = accepted.tenant;
    const stop = (): void => this.stop('cancelled');
    this.#linger = accepted.linger === undefined ? undefined : new Linger(accepted.linger, stop);
    this.log = new LiveLog(() => this.#onDeserted());
    this.log.append([accepted.firstEntry]);
    this.writer = new LogWriter(this.log, accepted.firstEntry.sequence + 1, {
      persist: this.stored ? (entries) => this.copy.append(entries, this.log.entries) : undefined,
      onStale: () => this.stop('stale'),
      onError,
    });
  }

  get document(): TurnDocument {
    return this.#document;
  }

  get id(): string {
    return this.document.turn.id;
  }

  get stored(): boolean {
    return this.document.turn.store;
  }

  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  /** Aborts when the turn is stopped. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** The turn as it was committed at its end; undefined when another instance owns it. */
  get settled(): Promise<Turn | undefined> {
    return this.#settled.promise;
  }

  /** For calls made on the turn's behalf: its own signal and time, never those of the call that started it. */
  get scope(): CallScope {
    const { traceparent } = this.document.subject;
    return { tenant: this.#tenant, traceparent, deadline: this.deadlines.total, signal: this.signal };
  }

  /** Notes what strategies did; it is kept with the turn's end. */
  trace(steps: readonly StrategyStep[]): void {
    this.#document = { ...this.#document, trace: [...(this.#document.trace ?? []), ...steps] };
  }

  attach(after: number, view: LogView): LogReader {
    this.#linger?.end();
    return this.log.attach(after, view);
  }

  /** Stops the model; the first reason counts. */
  stop(reason: StopReason): void {
    if (this.#stopReason !== undefined) return;
    this.#stopReason = reason;
    this.#linger?.end();
    this.#stopping.abort(new ParleyError('cancelled', `The turn was stopped: ${reason}.`));
  }

  settle(turn: Turn | undefined): void {
    this.#linger?.end();
    this.#settled.resolve(turn);
  }

  /** Nobody can read an unstored turn any more, unless it may be asked for again; a stored one goes on. */
  #onDeserted(): void {
    if (this.stored || this.#stopReason !== undefined) return;
    if (this.#linger === undefined) this.stop('cancelled');
    else this.#linger.begin();
  }
}
