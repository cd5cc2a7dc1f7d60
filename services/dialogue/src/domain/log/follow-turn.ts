import { ParleyError } from '@parley/kernel';
import type { LogReader } from './live-log.ts';
import type { LogEntry } from './log-entry.ts';
import type { RunningTurn } from '../turn/running-turn.ts';
import type { StoredLog } from './stored-log.ts';

/** Reads a turn that runs here, and goes on with the store's log when the turn goes on elsewhere. */
export class FollowTurn {
  readonly #storedLog: StoredLog;

  constructor(storedLog: StoredLog) {
    this.#storedLog = storedLog;
  }

  /** Entries until the turn has ended or `signal` aborts; the reader is closed in any case. */
  async *follow(
    turn: RunningTurn,
    reader: LogReader,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogEntry[], void> {
    const leave = (): void => reader.close();
    signal.addEventListener('abort', leave, { once: true });
    try {
      if (signal.aborted) return;
      for (let batch = await reader.next(); batch !== undefined; batch = await reader.next()) yield batch;
      if (signal.aborted || !turn.log.closed || turn.log.complete) return;
      if (!turn.stored) {
        throw new ParleyError('unavailable', 'Another instance has ended the turn; its text was not stored.');
      }
      const place = {
        id: turn.id,
        tenant: turn.document.subject.tenant,
        after: reader.position,
        view: reader.view,
      };
      yield* this.#storedLog.follow(place, signal);
    } finally {
      signal.removeEventListener('abort', leave);
      reader.close();
    }
  }
}
