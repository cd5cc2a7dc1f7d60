import type { LogEntry, StartTurn, Turn } from '../domain/turn.ts';
import type { Call } from './call.ts';

/** Entries of a turn's log that became visible together. Leaving the loop detaches from the turn. */
export type LogBatches = AsyncIterable<readonly LogEntry[]>;

/** Runs turns. Every method throws ParleyError; `unavailable` when no dialogue instance answers. */
export interface Dialogue {
  /** Commits a turn and reads its log from the first entry; errors before the commit come from the first read. */
  start(command: StartTurn, call: Call): LogBatches;
  /**
   * Reads the log of a stored turn after a sequence number (undefined: from the first entry) to its end.
   * @throws ParleyError `not_found`, `stream_expired`
   */
  attach(turnId: string, after: number | undefined, call: Call): LogBatches;
  /** Stops a turn and answers it as it is after the stop. */
  cancel(turnId: string, call: Call): Promise<Turn>;
  get(turnId: string, call: Call): Promise<Turn>;
  /** Forgets a stored turn. @throws ParleyError `conflict` while it runs */
  delete(turnId: string, call: Call): Promise<void>;
}
