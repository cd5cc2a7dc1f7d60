import type { record } from '@parley/contracts';
import { unary } from '@parley/grpc';
import type { Call } from '../../ports/call.ts';
import type { DeadLetter, RecordCare, RetryOutcome } from '../../ports/record-care.ts';
import { outgoingOf } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';

/** What administrators do to the record, over gRPC. */
export class GrpcRecordCare implements RecordCare {
  readonly #neighbour: Neighbour<record.RecordClient>;

  constructor(neighbour: Neighbour<record.RecordClient>) {
    this.#neighbour = neighbour;
  }

  async deadLetters(
    page: { readonly after: string; readonly limit: number },
    call: Call,
  ): Promise<{ readonly letters: readonly DeadLetter[]; readonly next: string }> {
    const client = this.#neighbour.client();
    const { letters, next } = await unary<record.ListDeadLettersRequest, record.ListDeadLettersResponse>(
      client.listDeadLetters.bind(client),
      page,
      outgoingOf(call),
    );
    return { letters: letters.map(fromLetter), next };
  }

  async retryDeadLetters(ids: readonly string[], call: Call): Promise<RetryOutcome> {
    const client = this.#neighbour.client();
    const { recorded, refused } = await unary<
      record.RetryDeadLettersRequest,
      record.RetryDeadLettersResponse
    >(client.retryDeadLetters.bind(client), { ids: [...ids] }, outgoingOf(call));
    return { recorded, refused: refused.map(fromLetter) };
  }

  async eraseUser(tenant: string, endUser: string, call: Call): Promise<string> {
    const client = this.#neighbour.client();
    const { eventId } = await unary<record.EraseUserRequest, record.EraseUserResponse>(
      client.eraseUser.bind(client),
      { tenant, endUser },
      outgoingOf(call),
    );
    return eventId;
  }
}

function fromLetter({ receivedAt, ...letter }: record.DeadLetter): DeadLetter {
  return { ...letter, receivedAtMs: receivedAt?.getTime() ?? 0 };
}
