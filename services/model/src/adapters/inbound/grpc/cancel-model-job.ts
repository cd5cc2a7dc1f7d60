import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { Jobs } from '@parley/jobs';
import { modelJobMessage } from './model-job-message.ts';

/** parley.model.v1.ModelAdmin/CancelModelJob */
@Controller()
export class CancelModelJobController {
  readonly #jobs: Jobs;

  constructor(@Inject(Jobs) jobs: Jobs) {
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'CancelModelJob')
  async cancelModelJob({ id }: modelAdmin.CancelModelJobRequest): Promise<modelAdmin.ModelJob> {
    return modelJobMessage(await this.#jobs.cancel(id));
  }
}
