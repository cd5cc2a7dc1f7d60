import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { Jobs } from '@parley/jobs';
import { ModelMoves } from '../../../domain/model-moves.ts';
import { modelJobMessage } from './model-job-message.ts';

/** parley.model.v1.ModelAdmin/SwitchAlias */
@Controller()
export class SwitchAliasController {
  readonly #moves: ModelMoves;
  readonly #jobs: Jobs;

  constructor(@Inject(ModelMoves) moves: ModelMoves, @Inject(Jobs) jobs: Jobs) {
    this.#moves = moves;
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'SwitchAlias')
  async switchAlias({ alias, model }: modelAdmin.SwitchAliasRequest): Promise<modelAdmin.ModelJob> {
    const { name } = this.#moves.checkSwitch(alias, model);
    return modelJobMessage(await this.#jobs.start('switch', alias, { alias, model: name }));
  }
}
