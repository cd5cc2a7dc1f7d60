import type { Metadata } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { dialogue } from '@parley/contracts';
import { callContext } from '@parley/grpc';
import { StoredTurns } from '../../../domain/turn/stored-turns.ts';
import { turnsService } from './service-name.ts';
import { turnToProto } from './turn-to-proto.ts';

@Controller()
export class GetTurnController {
  readonly #turns: StoredTurns;

  constructor(@Inject(StoredTurns) turns: StoredTurns) {
    this.#turns = turns;
  }

  @GrpcMethod(turnsService, 'GetTurn')
  async getTurn(request: dialogue.GetTurnRequest, metadata: Metadata): Promise<dialogue.Turn> {
    const { document } = await this.#turns.findStored(request.turnId, callContext(metadata).tenant.tenant);
    return turnToProto(document.turn);
  }
}
