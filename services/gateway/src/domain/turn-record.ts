import { ParleyError } from '@parley/kernel';
import type { Call } from '../ports/call.ts';
import type { EventRecord, StoredEvent } from '../ports/event-record.ts';

/** A turn has a handful of events; the record answers at most this many at once. */
const pageEvents = 1000;

/** A page can be short or empty although more follows, because a search takes only so long. */
const maxPages = 10;

/**
 * What the record holds of one turn, in the order it happened, from the first page that is not empty to the last.
 * @returns `next` is '' unless there is more than this reads: a query goes on with it
 * @throws ParleyError `not_found` when the record holds none
 */
export async function recordedTurn(
  record: EventRecord,
  turnId: string,
  call: Call,
): Promise<{ events: readonly StoredEvent[]; next: string }> {
  const events: StoredEvent[] = [];
  let next = '';
  for (let page = 0; page < maxPages; page++) {
    const query = { conversation: '', turn: turnId, types: [], after: next, limit: pageEvents };
    const found = await record.query(query, call);
    events.push(...found.events);
    next = found.next;
    if (next === '' || events.length >= pageEvents) break;
  }
  if (events.length === 0) throw unknownTurn();
  // They all have one key, so their numbers tell the order; recording may have swapped some.
  return { events: events.toSorted((one, other) => one.sequence - other.sequence), next };
}

function unknownTurn(): ParleyError {
  return new ParleyError(
    'not_found',
    'The record holds no event of a turn of that id. What happened a moment ago may not be recorded yet.',
    { param: 'id' },
  );
}
