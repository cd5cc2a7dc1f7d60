import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { KeyedJobs } from '@parley/jobs';
import { ModelMoves } from '../../../domain/switching/model-moves.ts';
import { keyedRequest } from './keyed-request.ts';
import { modelJobMessage } from './model-job-message.ts';

/** parley.model.v1.ModelAdmin/UnloadModel */
@Controller()
export class UnloadModelController {
  readonly #moves: ModelMoves;
  readonly #jobs: KeyedJobs;

  constructor(@Inject(ModelMoves) moves: ModelMoves, @Inject(KeyedJobs) jobs: KeyedJobs) {
    this.#moves = moves;
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'UnloadModel')
  async unloadModel(
    request: modelAdmin.UnloadModelRequest,
    metadata: Metadata,
  ): Promise<modelAdmin.ModelJob> {
    const job = await this.#jobs.start(keyedRequest(request, metadata), () => {
      const { name } = this.#moves.checkUnload(request.model);
      return { kind: 'unload', subject: name, params: { model: name }, share: true };
    });
    return modelJobMessage(job);
  }
}
