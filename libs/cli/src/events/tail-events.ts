import { sleep } from '@parley/kernel';
import type { ApiClient } from '../api/api-client.ts';
import type { EventEntry, EventPage } from '../api/api-types.ts';
import { Patience } from '../api/patience.ts';
import { queryOf } from './event-filter.ts';
import type { EventFilter } from './event-filter.ts';

const pollMs = 1000;

/** What a tail tells. */
export interface TailSink {
  readonly event: (event: EventEntry) => void;
  readonly say: (line: string) => void;
}

/**
 * Tells of events as they are recorded, until the signal aborts. It begins at the end of the record, or after a cursor.
 * @throws what the API says, when it has not answered for 30 s.
 */
export async function tailEvents(
  api: ApiClient,
  filter: EventFilter,
  sink: TailSink,
  signal: AbortSignal,
): Promise<void> {
  const patience = new Patience(sink.say, pollMs);
  let after = filter.after ?? 'end';
  while (!signal.aborted) {
    try {
      const page = await api.get<EventPage>(`/admin/v1/events?${queryOf(filter, after)}`, signal);
      patience.answered();
      for (const event of page.data) sink.event(event);
      after = page.reached;
      if (page.next === null) await sleep(pollMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      await patience.failed(error, signal).catch((reason: unknown) => {
        if (!signal.aborted) throw reason;
      });
    }
  }
}
