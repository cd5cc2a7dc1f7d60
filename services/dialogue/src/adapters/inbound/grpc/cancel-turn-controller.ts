import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { dialogue } from '@parley/contracts';
import { callContext } from '@parley/grpc';
import { CancelTurn } from '../../../domain/end/cancel-turn.ts';
import { turnsService } from './service-name.ts';
import { turnToProto } from './turn-to-proto.ts';

@Controller()
export class CancelTurnController {
  readonly #cancel: CancelTurn;

  constructor(@Inject(CancelTurn) cancel: CancelTurn) {
    this.#cancel = cancel;
  }

  @GrpcMethod(turnsService, 'CancelTurn')
  async cancelTurn(request: dialogue.CancelTurnRequest, metadata: Metadata): Promise<dialogue.Turn> {
    return turnToProto(await this.#cancel.cancel(request.turnId, callContext(metadata).tenant.tenant));
  }
}
