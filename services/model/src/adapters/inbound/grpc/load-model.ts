import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { Jobs } from '@parley/jobs';
import { ModelMoves } from '../../../domain/model-moves.ts';
import { modelJobMessage } from './model-job-message.ts';

/** parley.model.v1.ModelAdmin/LoadModel */
@Controller()
export class LoadModelController {
  readonly #moves: ModelMoves;
  readonly #jobs: Jobs;

  constructor(@Inject(ModelMoves) moves: ModelMoves, @Inject(Jobs) jobs: Jobs) {
    this.#moves = moves;
    this.#jobs = jobs;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'LoadModel')
  async loadModel(request: modelAdmin.LoadModelRequest): Promise<modelAdmin.ModelJob> {
    const { name } = this.#moves.checkLoad(request.model);
    return modelJobMessage(await this.#jobs.start('load', name, { model: name }, { share: true }));
  }
}
