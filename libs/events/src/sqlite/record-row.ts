import { integerOf, optionalTextOf, textOf } from '@parley/sqlite';
import type { Row } from '@parley/sqlite';
import type { ReceivedRecord } from '../ports.ts';

/** A row of `events` as the port gives it. */
export function recordOf(row: Row): ReceivedRecord {
  const traceparent = optionalTextOf(row, 'traceparent');
  return {
    id: textOf(row, 'id'),
    type: textOf(row, 'type'),
    source: textOf(row, 'source'),
    topic: textOf(row, 'topic'),
    key: textOf(row, 'key'),
    subject: textOf(row, 'subject'),
    tenant: textOf(row, 'tenant'),
    occurredAtMs: integerOf(row, 'occurred_at_ms'),
    sequence: integerOf(row, 'sequence'),
    data: textOf(row, 'data'),
    partition: 0,
    offset: integerOf(row, 'log_offset'),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
