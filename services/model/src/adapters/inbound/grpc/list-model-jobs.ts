import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { Jobs } from '@parley/jobs';
import { ParleyError } from '@parley/kernel';
import { modelJobMessage } from './model-job-message.ts';

const maxListed = 200;
const listedUnlessTold = 50;

/** parley.model.v1.ModelAdmin/ListModelJobs */
@Controller()
export class ListModelJobsController {
  readonly #jobs: Jobs;

  constructor(@Inject(Jobs) jobs: Jobs) {
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'ListModelJobs')
  async listModelJobs({ limit }: modelAdmin.ListModelJobsRequest): Promise<modelAdmin.ListModelJobsResponse> {
    if (limit > maxListed)
      throw new ParleyError('invalid_request', `limit is ${limit}; it can be ${maxListed} at most.`, {
        param: 'limit',
      });
    const jobs = await this.#jobs.list(limit === 0 ? listedUnlessTold : limit);
    return { jobs: jobs.map(modelJobMessage) };
  }
}
