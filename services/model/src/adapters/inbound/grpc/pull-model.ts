import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { KeyedJobs } from '@parley/jobs';
import { ModelPulls, pullKind } from '../../../domain/pull/model-pulls.ts';
import { keyedRequest } from './keyed-request.ts';
import { modelJobMessage } from './model-job-message.ts';

/** parley.model.v1.ModelAdmin/PullModel */
@Controller()
export class PullModelController {
  readonly #pulls: ModelPulls;
  readonly #jobs: KeyedJobs;

  constructor(@Inject(ModelPulls) pulls: ModelPulls, @Inject(KeyedJobs) jobs: KeyedJobs) {
    this.#pulls = pulls;
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'PullModel')
  async pullModel(request: modelAdmin.PullModelRequest, metadata: Metadata): Promise<modelAdmin.ModelJob> {
    const { source } = request;
    const job = await this.#jobs.start(keyedRequest(request, metadata), () => {
      // What cannot be pulled is refused now and not by a job that fails.
      const subject = this.#pulls.subject(source);
      return { kind: pullKind, subject, params: { source }, share: true };
    });
    return modelJobMessage(job);
  }
}
