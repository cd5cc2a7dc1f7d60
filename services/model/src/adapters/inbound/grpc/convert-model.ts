import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { KeyedJobs } from '@parley/jobs';
import { ConvertedModels, convertKind } from '../../../domain/convert/converted-models.ts';
import { keyedRequest } from './keyed-request.ts';
import { modelJobMessage } from './model-job-message.ts';

/** A folder is looked at, not read, before its job is accepted. */
const lookTimeLimitMs = 10_000;

/** parley.model.v1.ModelAdmin/ConvertModel */
@Controller()
export class ConvertModelController {
  readonly #converted: ConvertedModels;
  readonly #jobs: KeyedJobs;

  constructor(@Inject(ConvertedModels) converted: ConvertedModels, @Inject(KeyedJobs) jobs: KeyedJobs) {
    this.#converted = converted;
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'ConvertModel')
  async convertModel(
    request: modelAdmin.ConvertModelRequest,
    metadata: Metadata,
  ): Promise<modelAdmin.ModelJob> {
    const job = await this.#jobs.start(keyedRequest(request, metadata), async () => {
      // What cannot be converted is refused now and not by a job that fails.
      const signal = AbortSignal.timeout(lookTimeLimitMs);
      const { folder, name, preTokenizer } = await this.#converted.check(request, signal);
      return { kind: convertKind, subject: name, params: { folder, name, preTokenizer } };
    });
    return modelJobMessage(job);
  }
}
