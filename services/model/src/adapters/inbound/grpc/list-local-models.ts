import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { modelAdmin } from '@parley/contracts';
import { signalOf } from '@parley/grpc';
import { localSourceText } from '../../../domain/pull/adopt-model.ts';
import { ModelPulls } from '../../../domain/pull/model-pulls.ts';
import type { LocalModel } from '../../../ports/pull/local-models.ts';

type Call = ServerUnaryCall<modelAdmin.ListLocalModelsRequest, modelAdmin.ListLocalModelsResponse>;

/** parley.model.v1.ModelAdmin/ListLocalModels */
@Controller()
export class ListLocalModelsController {
  readonly #pulls: ModelPulls;

  constructor(@Inject(ModelPulls) pulls: ModelPulls) {
    this.#pulls = pulls;
  }

  @GrpcMethod('parley.model.v1.ModelAdmin', 'ListLocalModels')
  async listLocalModels(
    _request: modelAdmin.ListLocalModelsRequest,
    _metadata: Metadata,
    call: Call,
  ): Promise<modelAdmin.ListLocalModelsResponse> {
    const models = await this.#pulls.listLocal(signalOf(call));
    return { models: models.map(localModelMessage) };
  }
}

function localModelMessage(model: LocalModel): modelAdmin.LocalModel {
  const { program, bytes, paths, license, problem } = model;
  return { source: localSourceText(model), program, bytes, paths: [...paths], license, problem };
}
