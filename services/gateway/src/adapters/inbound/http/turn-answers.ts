import type { FastifyReply, FastifyRequest } from 'fastify';
import { finalTurn } from '../../../domain/follow-turn.ts';
import { relayTurn } from '../../../domain/relay-turn.ts';
import type { RunningTurns } from '../../../domain/running-turns.ts';
import { sseWait } from '../../../domain/sse.ts';
import type { StreamView } from '../../../domain/stream-view.ts';
import type { Turn } from '../../../domain/turn.ts';
import type { Call, StartWait } from '../../../ports/call.ts';
import type { LogBatches } from '../../../ports/dialogue.ts';
import type { GatewayEvents } from '../../../ports/gateway-events.ts';
import { callOf, contextOf } from './request-context.ts';
import { SseWriter } from './sse-writer.ts';

export interface TurnAnswersOptions {
  readonly pingMs: number;
  readonly stallTimeoutMs: number;
  /** How long an answer is not begun while its model is being switched: till then a refusal has an HTTP status. */
  readonly headersHeldMs: number;
}

/** Opens a log for a request. */
export type OpenLog = (call: Call) => LogBatches;

/** Answers requests from a turn's log, whole or as a stream, within this process's bound of turns. */
export class TurnAnswers {
  readonly #running: RunningTurns;
  readonly #events: GatewayEvents;
  readonly #options: TurnAnswersOptions;

  constructor(running: RunningTurns, events: GatewayEvents, options: TurnAnswersOptions) {
    this.#running = running;
    this.#events = events;
    this.#options = options;
  }

  /** The turn as it ended. */
  async whole(request: FastifyRequest, reply: FastifyReply, open: OpenLog): Promise<Turn> {
    using run = this.#running.begin();
    return await finalTurn(open(callOf(request, reply, run.controller)));
  }

  /**
   * The turn's log as events. @throws ParleyError when it fails before the first byte of the answer
   * @param openAfterMs begins the answer after this time even when the log is still silent
   */
  async stream(
    request: FastifyRequest,
    reply: FastifyReply,
    open: OpenLog,
    view: StreamView,
    openAfterMs?: number,
  ): Promise<void> {
    using run = this.#running.begin();
    const { signal } = run.controller;
    const context = contextOf(request);
    const sink = new SseWriter(request, reply, {
      ...this.#options,
      onOpen: () => this.#events.streamOpened(),
      onStalled: () => this.#events.slowReaderClosed(context.requestId),
    });
    const timer = openAfterMs === undefined ? undefined : setTimeout(() => sink.open(), openAfterMs);
    const onWait = (wait: StartWait): void => {
      if (context.elapsedMs() >= this.#options.headersHeldMs) sink.comment(sseWait(wait));
    };
    try {
      const call = { ...callOf(request, reply, run.controller), onWait };
      const failure = await relayTurn(open(call), view, sink, () =>
        this.#events.firstChunkSent(context.elapsedMs()),
      );
      if (failure !== undefined && !signal.aborted) this.#events.failed(failure, context.requestId);
    } finally {
      clearTimeout(timer);
    }
  }
}
