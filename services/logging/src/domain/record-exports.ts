import { ParleyError, toParleyError } from '@parley/kernel';
import type { ExportJob, ExportJobs } from '../ports/export-jobs.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { EventFilter } from './event-filter.ts';
import type { RecordReader } from './record-reader.ts';
import type { StoredEvent } from './recorded-event.ts';

export interface ExportQuery {
  readonly filter: EventFilter;
  /** Cursor of the last event that arrived of an earlier export; "" = from the start. */
  readonly after: string;
  /** Of the job to be; "" makes one. */
  readonly jobId: string;
}

/** How far an export has come. */
interface Place {
  events: number;
  position: number;
}

/** Exports of the record, each a job while it runs. */
export class RecordExports {
  readonly #reader: RecordReader;
  readonly #jobs: ExportJobs;

  constructor(reader: RecordReader, jobs: ExportJobs) {
    this.#reader = reader;
    this.#jobs = jobs;
  }

  /**
   * All events that match, as far as they are recorded when it starts, at the pace they are taken. Whoever stops taking
   * them has ended the job as failed; its error says where to go on.
   * @throws ParleyError `invalid_request`, `cancelled`, those of `ExportJobs.begin`; the signal's reason.
   */
  async *run({ filter, after, jobId }: ExportQuery, signal: AbortSignal): AsyncGenerator<StoredEvent> {
    const place: Place = { events: 0, position: decodeCursor(after) };
    const job = await this.#jobs.begin(jobId, filter.tenant ?? 'all tenants');
    let outcome: Error | undefined = new ParleyError('cancelled', 'Its reader has left.');
    try {
      yield* this.#events(filter, place, job, signal);
      outcome = undefined;
    } catch (error) {
      outcome = toParleyError(error);
      throw error;
    } finally {
      await job.end(outcome === undefined ? undefined : withPlace(outcome, place));
    }
  }

  async *#events(
    filter: EventFilter,
    place: Place,
    job: ExportJob,
    signal: AbortSignal,
  ): AsyncGenerator<StoredEvent> {
    const from = place.position;
    const stop = AbortSignal.any([signal, job.signal]);
    const pages = this.#reader.pages(filter, from, stop);
    for await (const { events, reached, head } of pages) {
      for (const event of events) {
        yield event;
        place.position = event.position;
        place.events += 1;
        stop.throwIfAborted();
      }
      job.tell(place.events, head > from ? (reached - from) / (head - from) : 1);
    }
  }
}

/** A reader that lost the connection knows its last event; this is for those who look at the job. */
function withPlace(error: Error, { events, position }: Place): ParleyError {
  const goOn = position === 0 ? '' : ` Another export goes on with "after": "${encodeCursor(position)}".`;
  const { code } = toParleyError(error);
  return new ParleyError(code, `${error.message} ${events} events had been exported.${goOn}`, {
    cause: error,
  });
}
