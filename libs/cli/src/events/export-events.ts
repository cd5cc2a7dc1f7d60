import type { FleetAccess } from '../api/fleet-access.ts';
import { Patience } from '../api/patience.ts';
import { bodyOf } from './event-filter.ts';
import type { EventFilter } from './event-filter.ts';
import { exportStream } from './export-stream.ts';

const retryMs = 1000;

/** How far an export has come. */
export interface ExportPlace {
  events: number;
  /** Of the last event; '' = none yet. */
  cursor: string;
  /** The job of the stream that is read, or was last. */
  job: string;
}

/** Where an export goes. */
export interface ExportSink {
  /** Resolves when the lines are taken. */
  readonly write: (lines: readonly string[]) => Promise<void>;
  readonly say: (line: string) => void;
}

/**
 * Exports all events that match; a stream that is cut is gone on with after its last event.
 * @param place is kept up to date, so that it is known after a failure too
 * @throws what the API says, when it has not answered for 30 s; the signal's reason.
 */
export async function exportEvents(
  access: FleetAccess,
  filter: EventFilter,
  sink: ExportSink,
  place: ExportPlace,
  signal: AbortSignal,
): Promise<void> {
  const patience = new Patience(sink.say, retryMs);
  for (;;) {
    try {
      for await (const { lines, cursor, job } of exportStream(access, bodyOf(filter, place.cursor), signal)) {
        patience.answered();
        await sink.write(lines);
        place.events += lines.length;
        place.cursor = cursor;
        place.job = job;
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      await patience.failed(error, signal);
    }
  }
}
