import { ParleyError, sleep } from '@parley/kernel';
import type { Deadline } from '@parley/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { finalTurn } from '../../../domain/follow-turn.ts';
import { relayTurn } from '../../../domain/relay-turn.ts';
import type { StreamSlots } from '../../../domain/stream-slots.ts';
import type { StreamView } from '../../../domain/stream-view.ts';
import type { Turn } from '../../../domain/turn.ts';
import type { Call } from '../../../ports/call.ts';
import type { LogBatches } from '../../../ports/dialogue.ts';
import type { GatewayEvents } from '../../../ports/gateway-events.ts';
import { callOf, contextOf } from './request-context.ts';
import { SseWriter } from './sse-writer.ts';

export interface TurnAnswersOptions {
  readonly pingMs: number;
  readonly stallTimeoutMs: number;
}

/** Opens a log for a request. */
export type OpenLog = (call: Call) => LogBatches;

/** Answers requests from a turn's log, whole or as a stream, within this process's bound of turns. */
export class TurnAnswers {
  readonly #slots: StreamSlots;
  readonly #events: GatewayEvents;
  readonly #options: TurnAnswersOptions;
  readonly #running = new Set<AbortController>();

  constructor(slots: StreamSlots, events: GatewayEvents, options: TurnAnswersOptions) {
    this.#slots = slots;
    this.#events = events;
    this.#options = options;
  }

  /** The turn as it ended. */
  async whole(request: FastifyRequest, reply: FastifyReply, open: OpenLog): Promise<Turn> {
    using _slot = this.#slots.take();
    using run = this.#run();
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
    using _slot = this.#slots.take();
    using run = this.#run();
    const { signal } = run.controller;
    const context = contextOf(request);
    const sink = new SseWriter(request, reply, {
      ...this.#options,
      onOpen: () => this.#events.streamOpened(),
      onStalled: () => this.#events.slowReaderClosed(context.requestId),
    });
    const timer = openAfterMs === undefined ? undefined : setTimeout(() => sink.open(), openAfterMs);
    try {
      const failure = await relayTurn(open(callOf(request, reply, run.controller)), view, sink, () =>
        this.#events.firstChunkSent(context.elapsedMs()),
      );
      if (failure !== undefined && !signal.aborted) this.#events.failed(failure, context.requestId);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Waits for the running answers, then ends those that are left with an error that says how to go on.
   * @param until when the rest is told to end
   * @param signal aborts when there is no time left at all
   */
  async drain(until: Deadline, signal: AbortSignal): Promise<void> {
    while (this.#running.size > 0 && !until.passed) await sleep(50, signal);
    const reason = new ParleyError(
      'unavailable',
      'This gateway is stopping. A stored response goes on: read it again with GET /v1/responses/{id}?stream=true&starting_after=<last sequence_number>.',
    );
    for (const controller of this.#running) controller.abort(reason);
    while (this.#running.size > 0) await sleep(10, signal);
  }

  #run(): Disposable & { readonly controller: AbortController } {
    const controller = new AbortController();
    this.#running.add(controller);
    return { controller, [Symbol.dispose]: () => this.#running.delete(controller) };
  }
}
