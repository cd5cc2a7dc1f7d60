import type { RawData, WebSocket } from 'ws';
import { ParleyError, toParleyError } from '@parley/kernel';
import { newCall } from '../../../domain/client-identity.ts';
import type { ClientIdentity } from '../../../domain/client-identity.ts';
import { reportFailure } from '../../../domain/report-failure.ts';
import { requestIdOf } from '../../../domain/request-identity.ts';
import { cancelledFrame, errorFrame, noticeFrame } from '../../../domain/response-frame-view.ts';
import type { FrameOrigin } from '../../../domain/response-frame-view.ts';
import { gatewayStopping } from '../../../domain/running-turns.ts';
import { rejectUnsupported, webSocketUnsupported } from '../../../domain/unsupported-fields.ts';
import type { Turns } from '../../../domain/turns.ts';
import type { Call } from '../../../ports/call.ts';
import type { GatewayEvents } from '../../../ports/gateway-events.ts';
import { responsesCommand } from '../http/responses-command.ts';
import { frameKey, readFrame } from './client-frame.ts';
import type { ClientFrame } from './client-frame.ts';
import { closeCodes } from './close-codes.ts';
import type { Close } from './close-codes.ts';
import { FaultLimit } from './fault-limit.ts';
import type { SocketOutbox } from './socket-outbox.ts';
import { SocketTurns } from './socket-turns.ts';

/** Cancels that may wait for dialogue at once; a connection has no more turns of its own than that by default. */
const mostCancels = 32;

/** One client's connection: reads its frames and answers them. */
export class WebSocketSession {
  readonly #webSocket: WebSocket;
  readonly #outbox: SocketOutbox;
  readonly #turns: Turns;
  readonly #events: GatewayEvents;
  readonly #identity: ClientIdentity;
  readonly #running: SocketTurns;
  readonly #faults = new FaultLimit();
  readonly #gone = new AbortController();
  #cancels = 0;
  #stopping = false;

  constructor(
    peer: { readonly webSocket: WebSocket; readonly outbox: SocketOutbox; readonly identity: ClientIdentity },
    turns: Turns,
    events: GatewayEvents,
    maxTurns: number,
  ) {
    this.#webSocket = peer.webSocket;
    this.#outbox = peer.outbox;
    this.#identity = peer.identity;
    this.#turns = turns;
    this.#events = events;
    this.#running = new SocketTurns(turns, events, peer.outbox, peer.identity, maxTurns);
    peer.webSocket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    peer.webSocket.once('close', () => this.#leave('The client has gone.'));
  }

  /** Whether a turn runs. */
  get busy(): boolean {
    return this.#running.busy;
  }

  /** Ends every turn's reading, then the connection: the close waits behind what was sent. */
  close({ code, reason }: Close): void {
    this.#leave(`The connection is closed: ${reason}.`);
    this.#webSocket.close(code, reason);
  }

  /** Takes no new turns, and closes once the running ones have ended. */
  drain(): void {
    this.#stopping = true;
    this.#running.onIdle = () => this.close(closeCodes.stopping);
    if (!this.busy) this.close(closeCodes.stopping);
  }

  #leave(why: string): void {
    const reason = new ParleyError('cancelled', why);
    this.#gone.abort(reason);
    this.#running.leave(reason);
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const read = readFrame(isBinary ? undefined : textOf(data));
    if ('fault' in read) return this.#refuse(read.fault, read.origin);
    try {
      this.#handle(read.frame, read.origin);
    } catch (thrown) {
      this.#refuse(toParleyError(thrown), read.origin);
    }
  }

  #handle(frame: ClientFrame, origin: FrameOrigin): void {
    switch (frame.type) {
      case 'ping':
        return void this.#outbox.write([noticeFrame('pong', origin)]);
      case 'response.cancel':
        return void this.#cancel(frame.response_id, origin);
      case 'response.attach': {
        const after = frame.starting_after ?? undefined;
        const open = this.#turns.attach.bind(this.#turns, frame.response_id, after);
        return this.#running.follow({ route: frame.type, origin, after, open });
      }
      case 'response.create': {
        if (this.#stopping) throw gatewayStopping();
        rejectUnsupported(frame, webSocketUnsupported);
        const command = { ...responsesCommand(frame, 'The frame', this.#identity.languages), deltas: true };
        const { response_id: _, ...names } = origin;
        const idempotency = frameKey(frame);
        const open = (call: Call) => this.#turns.start(command, { ...call, idempotency });
        return this.#running.follow({ route: frame.type, origin: names, open });
      }
    }
  }

  async #cancel(turnId: string, origin: FrameOrigin): Promise<void> {
    const call = newCall(this.#identity, this.#gone.signal);
    this.#cancels += 1;
    try {
      if (this.#cancels > mostCancels)
        throw new ParleyError(
          'rate_limited',
          'Too many cancels wait on this connection. Wait for an answer.',
        );
      const turn = await this.#turns.cancel(turnId, call);
      await this.#outbox.write([cancelledFrame(turn, origin)]);
    } catch (thrown) {
      const error = toParleyError(thrown);
      if (!this.#gone.signal.aborted) reportFailure(this.#events, error, call.tenant.requestId);
      await this.#outbox.write([errorFrame(error, origin)]);
    } finally {
      this.#cancels -= 1;
    }
  }

  /** Answers a frame that leads to nothing; only floods of frames that cannot be read end the connection. */
  #refuse(error: ParleyError, origin: FrameOrigin): void {
    reportFailure(this.#events, error, requestIdOf(undefined));
    void this.#outbox.write([errorFrame(error, origin)]);
    const unreadable = error.code === 'invalid_request' || error.code === 'unsupported';
    if (unreadable && this.#faults.exceeded()) this.close(closeCodes.badFrames);
  }
}

function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8');
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data).toString('utf8');
}
