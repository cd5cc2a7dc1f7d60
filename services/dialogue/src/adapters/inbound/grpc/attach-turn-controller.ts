import type { Metadata, ServerWritableStream } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { dialogue } from '@parley/contracts';
import { callContext, relay, signalOf } from '@parley/grpc';
import type { Observable } from 'rxjs';
import { AttachTurn } from '../../../domain/log/attach-turn.ts';
import { entriesToProto } from './entries-to-proto.ts';
import { turnsService } from './service-name.ts';

@Controller()
export class AttachTurnController {
  readonly #attach: AttachTurn;

  constructor(@Inject(AttachTurn) attach: AttachTurn) {
    this.#attach = attach;
  }

  @GrpcMethod(turnsService, 'AttachTurn')
  attachTurn(
    request: dialogue.AttachTurnRequest,
    metadata: Metadata,
    call: ServerWritableStream<dialogue.AttachTurnRequest, dialogue.LogEntries>,
  ): Observable<never> {
    const { tenant } = callContext(metadata).tenant;
    const entries = this.#attach.attach(request.turnId, request.startingAfter ?? -1, tenant, signalOf(call));
    return relay(entries, call, entriesToProto);
  }
}
