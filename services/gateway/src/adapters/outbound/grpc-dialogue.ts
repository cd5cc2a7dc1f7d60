import type { dialogue } from '@parley/contracts';
import { serverStream, unary } from '@parley/grpc';
import type { ServerStreamMethod } from '@parley/grpc';
import { Deadline, ParleyError, sleep } from '@parley/kernel';
import type { LogEntry, StartTurn, Turn } from '../../domain/turn.ts';
import type { Call } from '../../ports/call.ts';
import type { Dialogue, LogBatches } from '../../ports/dialogue.ts';
import { outgoingOf } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';
import { toStartTurnRequest } from './start-turn-codec.ts';
import type { TurnTimeouts } from './start-turn-codec.ts';
import { fromLogEntry, fromTurn } from './turn-codec.ts';

export interface GrpcDialogueOptions extends TurnTimeouts {
  /** How much longer than a turn may take a call that follows one may be open. */
  readonly graceMs: number;
}

/** Until the channel has turned away from an instance that has just died. */
const secondTryMs = 100;

/** Dialogue over gRPC; any instance serves any call. */
export class GrpcDialogue implements Dialogue {
  readonly #neighbour: Neighbour<dialogue.TurnsClient>;
  readonly #options: GrpcDialogueOptions;

  constructor(neighbour: Neighbour<dialogue.TurnsClient>, options: GrpcDialogueOptions) {
    this.#neighbour = neighbour;
    this.#options = options;
  }

  /**
   * An instance that dies before it has said anything, or is about to stop, is not the end of a start: another one is
   * asked, once. If the dead one had accepted the turn, nobody knows its id, and it ends as its caller's own second try would leave it.
   * A start under an Idempotency-Key is asked for again by whoever follows it, and not here as well.
   */
  async *start(command: StartTurn, call: Call): LogBatches {
    const client = this.#neighbour.client();
    const request = toStartTurnRequest(command, this.#options, call.idempotency);
    const begin = (): LogBatches => this.#read(client.startTurn.bind(client), request, call);
    let isAnswered = false;
    try {
      for await (const batch of begin()) {
        isAnswered = true;
        yield batch;
      }
    } catch (error) {
      if (isAnswered || call.idempotency !== undefined || !mayAskAnother(error)) throw error;
      await sleep(secondTryMs, call.signal);
      yield* begin();
    }
  }

  attach(turnId: string, after: number | undefined, call: Call): LogBatches {
    const client = this.#neighbour.client();
    return this.#read(client.attachTurn.bind(client), { turnId, startingAfter: after }, call);
  }

  async cancel(turnId: string, call: Call): Promise<Turn> {
    const client = this.#neighbour.client();
    return fromTurn(
      await unary<dialogue.CancelTurnRequest, dialogue.Turn>(
        client.cancelTurn.bind(client),
        { turnId },
        outgoingOf(call),
      ),
    );
  }

  async get(turnId: string, call: Call): Promise<Turn> {
    const client = this.#neighbour.client();
    return fromTurn(
      await unary<dialogue.GetTurnRequest, dialogue.Turn>(
        client.getTurn.bind(client),
        { turnId },
        outgoingOf(call),
      ),
    );
  }

  async delete(turnId: string, call: Call): Promise<void> {
    const client = this.#neighbour.client();
    await unary<dialogue.DeleteTurnRequest, dialogue.DeleteTurnResponse>(
      client.deleteTurn.bind(client),
      { turnId },
      outgoingOf(call),
    );
  }

  async *#read<Req>(
    method: ServerStreamMethod<Req, dialogue.LogEntries>,
    request: Req,
    call: Call,
  ): AsyncGenerator<readonly LogEntry[]> {
    const deadline = Deadline.in(this.#options.turnTimeoutMs + this.#options.graceMs);
    for await (const { entries, waiting } of serverStream(method, request, {
      ...outgoingOf(call),
      deadline,
    })) {
      if (waiting === undefined) yield entries.map(fromLogEntry).filter((entry) => entry !== undefined);
      else call.onWait?.(waiting);
    }
  }
}

/** One that says when to come back knows better than we what the caller should do. */
function mayAskAnother(error: unknown): boolean {
  return error instanceof ParleyError && error.code === 'unavailable' && error.retryAfterMs === undefined;
}
