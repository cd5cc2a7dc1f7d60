import type { assistants } from '@parley/contracts';
import { unary } from '@parley/grpc';
import type { Assistants, ListedAssistant } from '../../ports/assistants.ts';
import type { Call } from '../../ports/call.ts';
import { outgoingOf } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';

/** Dialogue's assistants over gRPC. */
export class GrpcAssistants implements Assistants {
  readonly #neighbour: Neighbour<assistants.AssistantsClient>;

  constructor(neighbour: Neighbour<assistants.AssistantsClient>) {
    this.#neighbour = neighbour;
  }

  async list(call: Call): Promise<readonly ListedAssistant[]> {
    const client = this.#neighbour.client();
    const answer = await unary<assistants.ListAssistantsRequest, assistants.ListAssistantsResponse>(
      client.listAssistants.bind(client),
      {},
      outgoingOf(call),
    );
    return answer.assistants;
  }
}
