import type { record } from '@parley/contracts';
import { serverStream, unary } from '@parley/grpc';
import type { Call } from '../../ports/call.ts';
import type {
  EventExport,
  EventFilter,
  EventPage,
  EventQuery,
  EventRecord,
  StoredEvent,
} from '../../ports/event-record.ts';
import { outgoingOf } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';

/** The record over gRPC. It asks for every tenant unless told otherwise: only administrators get here. */
export class GrpcEventRecord implements EventRecord {
  readonly #neighbour: Neighbour<record.RecordClient>;

  constructor(neighbour: Neighbour<record.RecordClient>) {
    this.#neighbour = neighbour;
  }

  async query({ after, limit, ...filter }: EventQuery, call: Call): Promise<EventPage> {
    const client = this.#neighbour.client();
    const { events, next, reached } = await unary<record.QueryEventsRequest, record.QueryEventsResponse>(
      client.queryEvents.bind(client),
      { filter: toFilter(filter), after, limit },
      outgoingOf(call),
    );
    return { events: events.map(fromEvent), next, reached };
  }

  async *export({ after, jobId, ...filter }: EventExport, call: Call): AsyncGenerator<StoredEvent> {
    const client = this.#neighbour.client();
    const stream = serverStream<record.ExportEventsRequest, record.RecordedEvent>(
      client.exportEvents.bind(client),
      { filter: toFilter(filter), after, jobId },
      outgoingOf(call),
    );
    for await (const event of stream) yield fromEvent(event);
  }
}

function toFilter({ conversation, turn, types, tenant = '', fromMs, toMs }: EventFilter): record.EventFilter {
  return {
    subject: conversation,
    turnId: turn,
    types: [...types],
    tenant,
    from: fromMs === undefined ? undefined : new Date(fromMs),
    to: toMs === undefined ? undefined : new Date(toMs),
  };
}

function fromEvent({ occurredAt, recordedAt, ...event }: record.RecordedEvent): StoredEvent {
  return { ...event, occurredAtMs: occurredAt?.getTime() ?? 0, recordedAtMs: recordedAt?.getTime() ?? 0 };
}
