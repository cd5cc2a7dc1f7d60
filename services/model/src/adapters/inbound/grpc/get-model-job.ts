import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { Jobs } from '@parley/jobs';
import { modelJobMessage } from './model-job-message.ts';

/** parley.model.v1.ModelAdmin/GetModelJob */
@Controller()
export class GetModelJobController {
  readonly #jobs: Jobs;

  constructor(@Inject(Jobs) jobs: Jobs) {
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'GetModelJob')
  async getModelJob({ id }: modelAdmin.GetModelJobRequest): Promise<modelAdmin.ModelJob> {
    return modelJobMessage(await this.#jobs.get(id));
  }
}
