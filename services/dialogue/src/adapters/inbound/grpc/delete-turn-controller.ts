import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { dialogue } from '@parley/contracts';
import { callContext } from '@parley/grpc';
import { DeleteTurn } from '../../../domain/end/delete-turn.ts';
import { turnsService } from './service-name.ts';

@Controller()
export class DeleteTurnController {
  readonly #remove: DeleteTurn;

  constructor(@Inject(DeleteTurn) remove: DeleteTurn) {
    this.#remove = remove;
  }

  @GrpcMethod(turnsService, 'DeleteTurn')
  async deleteTurn(
    request: dialogue.DeleteTurnRequest,
    metadata: Metadata,
  ): Promise<dialogue.DeleteTurnResponse> {
    await this.#remove.delete(request.turnId, callContext(metadata).tenant.tenant);
    return {};
  }
}
