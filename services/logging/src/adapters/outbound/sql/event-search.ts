import type { Expression, ExpressionBuilder, Kysely, Selectable, SqlBool } from 'kysely';
import type { EventFilter } from '../../../domain/event-filter.ts';
import type { PageQuery } from '../../../ports/record-store.ts';
import type { EventsTable, RecordTables } from './record-tables.ts';

/** Where a matching event is and how long its payload is. */
export type FoundEvent = Pick<Selectable<EventsTable>, 'position' | 'occurred_at' | 'data_length'>;

/** Positions that one search looks through at most when no index leads to the events: a few milliseconds' work. */
const scannedPositions = 10_000;

type Searched = Pick<EventsTable, 'position' | 'data_length' | 'type' | 'tenant' | 'occurred_at'>;
type Events = ExpressionBuilder<RecordTables, 'events'>;
type Candidates = ExpressionBuilder<{ candidates: Searched }, 'candidates'>;

/** Whether an index leads straight to the few events that match. */
function isSelective({ subject, turnId }: EventFilter): boolean {
  return subject !== undefined || turnId !== undefined;
}

/** The position up to which a search for this query looks. */
export function searchEnd({ filter, after, upTo }: PageQuery): number {
  return isSelective(filter) ? upTo : Math.min(upTo, after + scannedPositions);
}

/**
 * The first matching events up to a position, in order, without their payloads. A selective filter's candidates are
 * materialized: a planner without statistics would otherwise walk through all events of a tenant or a type.
 */
export function searchEvents(
  sql: Kysely<RecordTables>,
  query: PageQuery,
  upTo: number,
): Promise<FoundEvent[]> {
  const { filter, after, limit } = query;
  const candidates = sql
    .selectFrom('events')
    .select(['position', 'data_length', 'type', 'tenant', 'occurred_at'])
    .where('position', '>', after)
    .where('position', '<=', upTo)
    .where(belongs(filter));
  return sql
    .with(
      (name) => (isSelective(filter) ? name('candidates').materialized() : name('candidates')),
      () => candidates,
    )
    .selectFrom('candidates')
    .select(['position', 'occurred_at', 'data_length'])
    .where(fits(filter))
    .orderBy('position')
    .limit(limit)
    .execute();
}

function belongs({ subject, turnId }: EventFilter) {
  return (where: Events): Expression<SqlBool> => {
    const all: Expression<SqlBool>[] = [];
    if (turnId !== undefined) all.push(where('turn_id', '=', turnId));
    if (subject !== undefined) {
      all.push(
        where.or([
          where('subject', '=', subject),
          where('turn_id', '=', subject),
          where('key', '=', subject),
        ]),
      );
    }
    return where.and(all);
  };
}

function fits({ types, fromMs, toMs, tenant }: EventFilter) {
  return (where: Candidates): Expression<SqlBool> => {
    const all: Expression<SqlBool>[] = [];
    if (types !== undefined) all.push(types.length === 0 ? where.lit(false) : where('type', 'in', types));
    if (fromMs !== undefined) all.push(where('occurred_at', '>=', fromMs));
    if (toMs !== undefined) all.push(where('occurred_at', '<', toMs));
    if (tenant !== undefined) all.push(where('tenant', '=', tenant));
    return where.and(all);
  };
}
