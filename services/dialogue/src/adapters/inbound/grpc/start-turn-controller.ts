import type { Metadata, ServerWritableStream } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { dialogue } from '@parley/contracts';
import { callContext, relay, signalOf } from '@parley/grpc';
import type { Observable } from 'rxjs';
import type { Caller } from '../../../domain/start/accept-turn.ts';
import { FollowTurn } from '../../../domain/log/follow-turn.ts';
import type { LogEntry } from '../../../domain/log/log-entry.ts';
import { StartKeyedTurn } from '../../../domain/start/start-keyed-turn.ts';
import { StartTurn } from '../../../domain/start/start-turn.ts';
import type { StartWait } from '../../../domain/run/switch-waits.ts';
import { entriesToProto } from './entries-to-proto.ts';
import { turnsService } from './service-name.ts';
import { startRequestFromProto } from './start-request-from-proto.ts';
import { withWaits } from './with-waits.ts';

@Controller()
export class StartTurnController {
  readonly #start: StartTurn;
  readonly #startKeyed: StartKeyedTurn;
  readonly #follow: FollowTurn;

  constructor(
    @Inject(StartTurn) start: StartTurn,
    @Inject(StartKeyedTurn) startKeyed: StartKeyedTurn,
    @Inject(FollowTurn) follow: FollowTurn,
  ) {
    this.#start = start;
    this.#startKeyed = startKeyed;
    this.#follow = follow;
  }

  @GrpcMethod(turnsService, 'StartTurn')
  startTurn(
    request: dialogue.StartTurnRequest,
    metadata: Metadata,
    call: ServerWritableStream<dialogue.StartTurnRequest, dialogue.LogEntries>,
  ): Observable<never> {
    // Taken before Nest listens for the caller's leaving: it ends the call then, and an ended call was not left.
    const signal = signalOf(call);
    const entries = (caller: Caller): AsyncIterable<readonly LogEntry[]> =>
      this.#entries(request, caller, signal);
    return relay(withWaits(callContext(metadata), entries), call, messageOf);
  }

  async *#entries(
    request: dialogue.StartTurnRequest,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogEntry[], void> {
    const view = request.deltas ? 'all' : 'result';
    const { idempotency } = request;
    const command = startRequestFromProto(request);
    if (idempotency !== undefined)
      return yield* this.#startKeyed.read(command, caller, view, idempotency, signal);
    const { turn, reader } = await this.#start.start(command, caller, view, signal);
    yield* this.#follow.follow(turn, reader, signal);
  }
}

function messageOf(message: readonly LogEntry[] | StartWait): dialogue.LogEntries {
  return 'stage' in message ? { entries: [], waiting: { ...message } } : entriesToProto(message);
}
