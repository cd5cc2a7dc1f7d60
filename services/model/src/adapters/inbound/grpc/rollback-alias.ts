import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { Jobs } from '@parley/jobs';
import { ModelMoves } from '../../../domain/model-moves.ts';
import { modelJobMessage } from './model-job-message.ts';

/** parley.model.v1.ModelAdmin/RollbackAlias */
@Controller()
export class RollbackAliasController {
  readonly #moves: ModelMoves;
  readonly #jobs: Jobs;

  constructor(@Inject(ModelMoves) moves: ModelMoves, @Inject(Jobs) jobs: Jobs) {
    this.#moves = moves;
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'RollbackAlias')
  async rollbackAlias({ alias }: modelAdmin.RollbackAliasRequest): Promise<modelAdmin.ModelJob> {
    const { name } = this.#moves.checkRollback(alias);
    // The job names its goal: carried out twice, a rollback without one would lead there and back.
    return modelJobMessage(await this.#jobs.start('rollback', alias, { alias, model: name }));
  }
}
