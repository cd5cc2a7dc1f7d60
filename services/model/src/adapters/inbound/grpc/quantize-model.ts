import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { KeyedJobs } from '@parley/jobs';
import { QuantisedModels, quantizeKind } from '../../../domain/quantise/quantised-models.ts';
import { keyedRequest } from './keyed-request.ts';
import { modelJobMessage } from './model-job-message.ts';

/** parley.model.v1.ModelAdmin/QuantizeModel */
@Controller()
export class QuantizeModelController {
  readonly #quantised: QuantisedModels;
  readonly #jobs: KeyedJobs;

  constructor(@Inject(QuantisedModels) quantised: QuantisedModels, @Inject(KeyedJobs) jobs: KeyedJobs) {
    this.#quantised = quantised;
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'QuantizeModel')
  async quantizeModel(
    request: modelAdmin.QuantizeModelRequest,
    metadata: Metadata,
  ): Promise<modelAdmin.ModelJob> {
    const job = await this.#jobs.start(keyedRequest(request, metadata), () => {
      // What cannot be quantised is refused now and not by a job that fails.
      const { name, model, format, leastKept, requantize, replace } = this.#quantised.check(request);
      return { kind: quantizeKind, subject: name, params: { model, format, leastKept, requantize, replace } };
    });
    return modelJobMessage(job);
  }
}
