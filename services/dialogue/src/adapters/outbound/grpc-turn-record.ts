import { terminalTurnEventTypes, turnEventTypes } from '@parley/contracts';
import type { record } from '@parley/contracts';
import { unary } from '@parley/grpc';
import { Deadline, newUuid } from '@parley/kernel';
import type { TurnDocument } from '../../domain/turn/turn-document.ts';
import type { TurnRecord } from '../../ports/turn-record.ts';
import { documentOfEvent } from './document-of-event.ts';

/** A turn that is looked for holds up its caller. */
const timeoutMs = 3_000;

/** Turns in the record of the logging service. */
export class GrpcTurnRecord implements TurnRecord {
  readonly #client: record.RecordClient;

  constructor(client: record.RecordClient) {
    this.#client = client;
  }

  async find(turnId: string, tenant: string): Promise<TurnDocument | undefined> {
    const types = [...terminalTurnEventTypes, turnEventTypes.deleted];
    const filter = { subject: '', types, from: undefined, to: undefined, tenant, turnId };
    const { events } = await unary<record.QueryEventsRequest, record.QueryEventsResponse>(
      this.#client.queryEvents.bind(this.#client),
      { filter, after: '', limit: types.length },
      {
        // The service's own question: it may see what the tenant may see.
        tenant: { tenant, role: 'user', keyId: 'dialogue', requestId: newUuid() },
        deadline: Deadline.in(timeoutMs),
      },
    );
    if (events.some(({ type }) => type === turnEventTypes.deleted)) return undefined;
    const [end] = events;
    return end === undefined ? undefined : documentOfEvent(end.type, end.data);
  }
}
