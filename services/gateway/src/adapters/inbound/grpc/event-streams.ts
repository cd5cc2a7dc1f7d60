import type { ServerWritableStream } from '@grpc/grpc-js';
import type { gateway } from '@parley/contracts';
import { asParleyError, errorStatus, relay, signalOf } from '@parley/grpc';
import { ParleyError } from '@parley/kernel';
import { reportFailure, statusOf } from '../../../domain/report-failure.ts';
import type { Turns } from '../../../domain/turns.ts';
import { isOfAnswer } from '../../../domain/turn.ts';
import type { Call, StartWait } from '../../../ports/call.ts';
import type { LogBatches } from '../../../ports/dialogue.ts';
import type { GatewayEvents } from '../../../ports/gateway-events.ts';
import { answerHeaders, identityOf, portCall } from './call-identity.ts';
import { eventMessage, waitingMessage } from './response-messages.ts';
import { StallWatch } from './stall-watch.ts';

type EventCall<Req> = ServerWritableStream<Req, gateway.ResponseEvent>;

/** Serves turns' logs as streams of messages, at their callers' pace. */
export class EventStreams {
  readonly #turns: Turns;
  readonly #events: GatewayEvents;
  readonly #stallTimeoutMs: number;

  constructor(turns: Turns, events: GatewayEvents, options: { readonly stallTimeoutMs: number }) {
    this.#turns = turns;
    this.#events = events;
    this.#stallTimeoutMs = options.stallTimeoutMs;
  }

  /**
   * Answers a call with a log; whatever goes wrong becomes the call's status.
   * @param responseId of a log that need not begin with the turn's creation
   */
  serve<Req>(call: EventCall<Req>, open: (call: Call) => LogBatches, responseId: string): void {
    const startedAt = performance.now();
    const identity = identityOf(call);
    call.sendMetadata(answerHeaders(identity));
    this.#events.requestStarted('grpc');
    this.#events.connectionOpened('grpc');
    const finish = (failure: ParleyError | undefined): void => {
      this.#events.connectionClosed('grpc');
      const status = call.cancelled ? 499 : failure === undefined ? 200 : statusOf(failure);
      if (failure !== undefined && !call.cancelled) reportFailure(this.#events, failure, identity.requestId);
      const durationMs = performance.now() - startedAt;
      this.#events.requestEnded({ route: call.getPath(), protocol: 'grpc', status, durationMs });
      if (failure === undefined) call.end();
      else call.emit('error', errorStatus(failure));
    };
    const stall = new StallWatch(this.#stallTimeoutMs);
    const onFirstText = (): void => this.#events.firstChunkSent(performance.now() - startedAt);
    const source = this.#messages(call, open, { responseId, stall, onFirstText });
    const subscription = relay(source, call, (event) => event).subscribe({
      complete: () => finish(undefined),
      error: (thrown) => finish(asParleyError(thrown)),
    });
    stall.onStalled = () => {
      subscription.unsubscribe();
      this.#events.slowReaderClosed(identity.requestId);
      finish(slowReader());
    };
  }

  async *#messages<Req>(
    call: EventCall<Req>,
    open: (call: Call) => LogBatches,
    watch: { responseId: string; readonly stall: StallWatch; readonly onFirstText: () => void },
  ): AsyncGenerator<gateway.ResponseEvent> {
    using run = this.#turns.begin();
    using stall = watch.stall;
    const left = signalOf(call);
    const leave = (): void => run.controller.abort(left.reason);
    if (left.aborted) leave();
    else left.addEventListener('abort', leave, { once: true });
    // Comes before every entry; left out when the caller is slow, or has gone.
    const onWait = (wait: StartWait): void => {
      if (!call.cancelled && !call.writableNeedDrain) call.write(waitingMessage(wait));
    };
    let texts = 0;
    for await (const batch of open({ ...portCall(identityOf(call), run.controller.signal), onWait })) {
      for (const entry of batch) {
        if (entry.kind === 'turn_created') watch.responseId = entry.turn.id;
        if (isOfAnswer(entry) && texts++ === 0) watch.onFirstText();
        stall.given();
        yield eventMessage(entry, watch.responseId);
        stall.taken();
      }
    }
  }
}

function slowReader(): ParleyError {
  return new ParleyError(
    'cancelled',
    'The caller took nothing for too long (slow reader). A stored response goes on: Attach to it again, starting after the last sequence received.',
  );
}
