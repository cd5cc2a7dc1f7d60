import type { modelAdmin } from '@parley/contracts';
import { unary } from '@parley/grpc';
import type { UnaryMethod } from '@parley/grpc';
import type { Call } from '../../ports/call.ts';
import type { Job } from '../../ports/model-jobs.ts';
import type { ConvertOrder, ModelMoves, QuantizeOrder } from '../../ports/model-moves.ts';
import { fromModelJob } from './job-codec.ts';
import { outgoingOf } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';

/** Starts the model service's jobs over gRPC. */
export class GrpcModelMoves implements ModelMoves {
  readonly #neighbour: Neighbour<modelAdmin.ModelAdminClient>;

  constructor(neighbour: Neighbour<modelAdmin.ModelAdminClient>) {
    this.#neighbour = neighbour;
  }

  pull(source: string, call: Call): Promise<Job> {
    return this.#start(
      (client) => client.pullModel.bind(client),
      { source, idempotency: call.idempotency },
      call,
    );
  }

  quantize(order: QuantizeOrder, call: Call): Promise<Job> {
    return this.#start(
      (client) => client.quantizeModel.bind(client),
      { ...order, idempotency: call.idempotency },
      call,
    );
  }

  convert(order: ConvertOrder, call: Call): Promise<Job> {
    return this.#start(
      (client) => client.convertModel.bind(client),
      { ...order, idempotency: call.idempotency },
      call,
    );
  }

  load(model: string, call: Call): Promise<Job> {
    return this.#start(
      (client) => client.loadModel.bind(client),
      { model, idempotency: call.idempotency },
      call,
    );
  }

  unload(model: string, call: Call): Promise<Job> {
    return this.#start(
      (client) => client.unloadModel.bind(client),
      { model, idempotency: call.idempotency },
      call,
    );
  }

  switch(alias: string, model: string, call: Call): Promise<Job> {
    return this.#start(
      (client) => client.switchAlias.bind(client),
      { alias, model, idempotency: call.idempotency },
      call,
    );
  }

  rollback(alias: string, call: Call): Promise<Job> {
    return this.#start(
      (client) => client.rollbackAlias.bind(client),
      { alias, idempotency: call.idempotency },
      call,
    );
  }

  async #start<Req>(
    method: (client: modelAdmin.ModelAdminClient) => UnaryMethod<Req, modelAdmin.ModelJob>,
    request: Req,
    call: Call,
  ): Promise<Job> {
    return fromModelJob(await unary(method(this.#neighbour.client()), request, outgoingOf(call)));
  }
}
