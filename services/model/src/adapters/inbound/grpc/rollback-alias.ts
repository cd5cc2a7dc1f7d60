import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { KeyedJobs } from '@parley/jobs';
import { ModelMoves } from '../../../domain/switching/model-moves.ts';
import { keyedRequest } from './keyed-request.ts';
import { modelJobMessage } from './model-job-message.ts';

/** parley.model.v1.ModelAdmin/RollbackAlias */
@Controller()
export class RollbackAliasController {
  readonly #moves: ModelMoves;
  readonly #jobs: KeyedJobs;

  constructor(@Inject(ModelMoves) moves: ModelMoves, @Inject(KeyedJobs) jobs: KeyedJobs) {
    this.#moves = moves;
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'RollbackAlias')
  async rollbackAlias(
    request: modelAdmin.RollbackAliasRequest,
    metadata: Metadata,
  ): Promise<modelAdmin.ModelJob> {
    const { alias } = request;
    const job = await this.#jobs.start(keyedRequest(request, metadata), () => {
      const { name } = this.#moves.checkRollback(alias);
      // The job names its goal: carried out twice, a rollback without one would lead there and back.
      return { kind: 'rollback', subject: alias, params: { alias, model: name } };
    });
    return modelJobMessage(job);
  }
}
