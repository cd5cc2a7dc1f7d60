import type { modelAdmin } from '@parley/contracts';
import { unary } from '@parley/grpc';
import type { Call } from '../../ports/call.ts';
import type { Job, ModelJobs } from '../../ports/model-jobs.ts';
import { fromModelJob } from './job-codec.ts';
import { outgoingOf } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';

/** The model service's jobs over gRPC; any instance knows all of them. */
export class GrpcModelJobs implements ModelJobs {
  readonly #neighbour: Neighbour<modelAdmin.ModelAdminClient>;

  constructor(neighbour: Neighbour<modelAdmin.ModelAdminClient>) {
    this.#neighbour = neighbour;
  }

  async list(limit: number, call: Call): Promise<readonly Job[]> {
    const client = this.#neighbour.client();
    const { jobs } = await unary<modelAdmin.ListModelJobsRequest, modelAdmin.ListModelJobsResponse>(
      client.listModelJobs.bind(client),
      { limit },
      outgoingOf(call),
    );
    return jobs.map(fromModelJob);
  }

  async get(id: string, call: Call): Promise<Job> {
    const client = this.#neighbour.client();
    return fromModelJob(
      await unary<modelAdmin.GetModelJobRequest, modelAdmin.ModelJob>(
        client.getModelJob.bind(client),
        { id },
        outgoingOf(call),
      ),
    );
  }

  async cancel(id: string, call: Call): Promise<Job> {
    const client = this.#neighbour.client();
    return fromModelJob(
      await unary<modelAdmin.CancelModelJobRequest, modelAdmin.ModelJob>(
        client.cancelModelJob.bind(client),
        { id },
        outgoingOf(call),
      ),
    );
  }
}
