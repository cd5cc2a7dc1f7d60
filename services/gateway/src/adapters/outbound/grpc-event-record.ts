import type { record } from '@parley/contracts';
import { unary } from '@parley/grpc';
import type { Call } from '../../ports/call.ts';
import type { EventQuery, EventRecord, StoredEvent } from '../../ports/event-record.ts';
import { outgoingOf } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';

/** The record over gRPC. It asks for every tenant: only administrators get here. */
export class GrpcEventRecord implements EventRecord {
  readonly #neighbour: Neighbour<record.RecordClient>;

  constructor(neighbour: Neighbour<record.RecordClient>) {
    this.#neighbour = neighbour;
  }

  async query(query: EventQuery, call: Call): Promise<{ events: readonly StoredEvent[]; next: string }> {
    const client = this.#neighbour.client();
    const { events, next } = await unary<record.QueryEventsRequest, record.QueryEventsResponse>(
      client.queryEvents.bind(client),
      {
        filter: {
          subject: query.conversation,
          types: [...query.types],
          from: undefined,
          to: undefined,
          tenant: '',
          turnId: query.turn,
        },
        after: query.after,
        limit: query.limit,
      },
      outgoingOf(call),
    );
    return { events: events.map(fromEvent), next };
  }
}

function fromEvent({ occurredAt, recordedAt, ...event }: record.RecordedEvent): StoredEvent {
  return { ...event, occurredAtMs: occurredAt?.getTime() ?? 0, recordedAtMs: recordedAt?.getTime() ?? 0 };
}
