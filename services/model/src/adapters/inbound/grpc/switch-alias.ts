import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { KeyedJobs } from '@parley/jobs';
import { ModelMoves } from '../../../domain/switching/model-moves.ts';
import { keyedRequest } from './keyed-request.ts';
import { modelJobMessage } from './model-job-message.ts';

/** parley.model.v1.ModelAdmin/SwitchAlias */
@Controller()
export class SwitchAliasController {
  readonly #moves: ModelMoves;
  readonly #jobs: KeyedJobs;

  constructor(@Inject(ModelMoves) moves: ModelMoves, @Inject(KeyedJobs) jobs: KeyedJobs) {
    this.#moves = moves;
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'SwitchAlias')
  async switchAlias(
    request: modelAdmin.SwitchAliasRequest,
    metadata: Metadata,
  ): Promise<modelAdmin.ModelJob> {
    const { alias, model } = request;
    const job = await this.#jobs.start(keyedRequest(request, metadata), () => {
      const { name } = this.#moves.checkSwitch(alias, model);
      return { kind: 'switch', subject: alias, params: { alias, model: name } };
    });
    return modelJobMessage(job);
  }
}
