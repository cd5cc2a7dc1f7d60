import { ParleyError, toParleyError } from '@parley/kernel';
import { newCall } from '../../../domain/client-identity.ts';
import type { ClientIdentity } from '../../../domain/client-identity.ts';
import { relayTurn } from '../../../domain/relay-turn.ts';
import { reportFailure, statusOf } from '../../../domain/report-failure.ts';
import { noticeFrame, ResponseFrameView, waitingFrame } from '../../../domain/response-frame-view.ts';
import type { FrameOrigin } from '../../../domain/response-frame-view.ts';
import type { Turns } from '../../../domain/turns.ts';
import type { Call, StartWait } from '../../../ports/call.ts';
import type { LogBatches } from '../../../ports/dialogue.ts';
import type { GatewayEvents } from '../../../ports/gateway-events.ts';
import type { SocketOutbox } from './socket-outbox.ts';

/** When a client that has used up its turns may try again: answers take seconds. */
const retryAfterMs = 1000;

/** A frame that wants a turn followed. */
export interface FollowRequest {
  /** The frame's type, as the metrics name it. */
  readonly route: 'response.create' | 'response.attach';
  readonly origin: FrameOrigin;
  /** The number after which the client wants the log; undefined: from its start. */
  readonly after?: number | undefined;
  readonly open: (call: Call) => LogBatches;
}

/** The turns of one connection: many at once, those of one `stream_id` one after another. */
export class SocketTurns {
  readonly #turns: Turns;
  readonly #events: GatewayEvents;
  readonly #outbox: SocketOutbox;
  readonly #identity: ClientIdentity;
  readonly #limit: number;
  readonly #running = new Set<AbortController>();
  readonly #lanes = new Map<string, Promise<void>>();
  /** Is called when the last turn has ended. */
  onIdle: () => void = () => undefined;

  constructor(
    turns: Turns,
    events: GatewayEvents,
    outbox: SocketOutbox,
    identity: ClientIdentity,
    limit: number,
  ) {
    this.#turns = turns;
    this.#events = events;
    this.#outbox = outbox;
    this.#identity = identity;
    this.#limit = limit;
  }

  get busy(): boolean {
    return this.#running.size > 0;
  }

  /** Follows a turn to its end; what goes wrong on the way is told to the client. @throws ParleyError `rate_limited` */
  follow(request: FollowRequest): void {
    if (this.#running.size >= this.#limit) {
      throw new ParleyError(
        'rate_limited',
        `This connection already runs ${this.#limit} responses, its limit. Wait for one to end, or open another connection.`,
        { retryAfterMs },
      );
    }
    const controller = new AbortController();
    this.#running.add(controller);
    const lane = request.origin.stream_id;
    const before = lane === undefined ? undefined : this.#lanes.get(lane);
    const run = async (): Promise<void> => {
      await before;
      if (!controller.signal.aborted) await this.#run(request, controller);
      this.#running.delete(controller);
      if (lane !== undefined && this.#lanes.get(lane) === done) this.#lanes.delete(lane);
      if (this.#running.size === 0) this.onIdle();
    };
    const done = run();
    if (lane !== undefined) this.#lanes.set(lane, done);
  }

  /** Ends them all, because the client has gone or takes nothing. */
  leave(reason: ParleyError): void {
    for (const controller of this.#running) controller.abort(reason);
  }

  async #run({ route, origin, after, open }: FollowRequest, controller: AbortController): Promise<void> {
    const startedAt = performance.now();
    const { signal } = controller;
    const view = new ResponseFrameView(origin, after);
    const onWait = (wait: StartWait): void => this.#outbox.hint(waitingFrame(wait, origin));
    const call = { ...newCall(this.#identity, signal), onWait };
    this.#events.requestStarted('websocket');
    let failure: ParleyError | undefined;
    try {
      using _run = this.#turns.begin(controller);
      failure = await relayTurn(open(call), view, this.#sink(view, origin), () =>
        this.#events.firstChunkSent(performance.now() - startedAt),
      );
    } catch (thrown) {
      failure = toParleyError(thrown);
      await this.#outbox.write([view.renderError(failure)]);
    }
    if (failure !== undefined && !signal.aborted) reportFailure(this.#events, failure, call.tenant.requestId);
    const status = failure === undefined ? 200 : statusOf(failure);
    const durationMs = performance.now() - startedAt;
    this.#events.requestEnded({ route, protocol: 'websocket', status, durationMs });
  }

  #sink(view: ResponseFrameView, origin: FrameOrigin) {
    let told = false;
    return {
      opened: true,
      write: (frames: readonly string[]) => {
        told = true;
        return this.#outbox.write(frames);
      },
      // A log that had nothing to say would leave its client waiting for an end.
      end: () => {
        if (!told && !view.ended) void this.#outbox.write([noticeFrame('response.detached', origin)]);
      },
    };
  }
}
