import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { Jobs } from '@parley/jobs';
import { ModelPulls, pullKind } from '../../../domain/pull/model-pulls.ts';
import { modelJobMessage } from './model-job-message.ts';

/** parley.model.v1.ModelAdmin/PullModel */
@Controller()
export class PullModelController {
  readonly #pulls: ModelPulls;
  readonly #jobs: Jobs;

  constructor(@Inject(ModelPulls) pulls: ModelPulls, @Inject(Jobs) jobs: Jobs) {
    this.#pulls = pulls;
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'PullModel')
  async pullModel({ source }: modelAdmin.PullModelRequest): Promise<modelAdmin.ModelJob> {
    // What cannot be pulled is refused now and not by a job that fails.
    const { name } = this.#pulls.entry(source);
    return modelJobMessage(await this.#jobs.start(pullKind, name, { source }, { share: true }));
  }
}
