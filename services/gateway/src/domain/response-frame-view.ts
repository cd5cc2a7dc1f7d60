import type { ParleyError } from '@parley/kernel';
import { errorObject, retryHeaders } from './problem.ts';
import { statusOf } from './report-failure.ts';
import { responseEvent } from './response-stream-view.ts';
import { responseView } from './response-view.ts';
import type { StreamView } from './stream-view.ts';
import type { StartWait } from '../ports/call.ts';
import type { LogEntry, Turn } from './turn.ts';

/** What a client's frame said about itself; its answers say it again, so that many fit on one connection. */
export interface FrameOrigin {
  readonly response_id?: string;
  /** The client's own name for a row of turns that run one after another. */
  readonly stream_id?: string;
  /** The client's own name for the frame; errors that it causes carry it. */
  readonly event_id?: string;
}

/**
 * A turn's log as frames of a connection that many turns share: the events of the Responses API, each with its
 * `response_id`. It never holds: an error is a frame like any other.
 */
export class ResponseFrameView implements StreamView {
  readonly holding = false;
  readonly #origin: FrameOrigin;
  #responseId: string | undefined;
  #last: number | undefined;
  #ended = false;

  /** @param after the number the client has seen already, when it re-attaches */
  constructor(origin: FrameOrigin, after?: number) {
    this.#origin = origin;
    this.#responseId = origin.response_id;
    this.#last = after;
  }

  /** Whether the last frame that was rendered ended the response. */
  get ended(): boolean {
    return this.#ended;
  }

  render(entry: LogEntry): string {
    this.#last = entry.sequence;
    if (entry.kind === 'turn_ended') this.#ended = true;
    if (entry.kind !== 'turn_created') return JSON.stringify({ ...responseEvent(entry), ...this.#names() });
    // With several turns at once, the client learns here which of its frames this response belongs to.
    this.#responseId = entry.turn.id;
    return JSON.stringify({ ...responseEvent(entry), ...this.#origin, ...this.#names() });
  }

  renderError(error: ParleyError): string {
    return errorFrame(error, { ...this.#origin, ...this.#names() }, this.#last);
  }

  #names(): FrameOrigin {
    const { stream_id } = this.#origin;
    return {
      ...(this.#responseId === undefined ? {} : { response_id: this.#responseId }),
      ...(stream_id === undefined ? {} : { stream_id }),
    };
  }
}

/**
 * The `error` event: as the official clients read it from a stream (`code`, `message`, `param`) and from a connection
 * (`status`, `error` with the headers that an HTTP answer would have had).
 * @param last the number of the last event sent, to re-attach after
 */
export function errorFrame(error: ParleyError, origin: FrameOrigin, last?: number): string {
  const object = errorObject(error);
  const { code, message, param } = object;
  return JSON.stringify({
    type: 'error',
    status: statusOf(error),
    code,
    message,
    param,
    ...(last === undefined ? {} : { sequence_number: last }),
    ...origin,
    error: { ...object, headers: retryHeaders(error) },
  });
}

/** A frame that is no entry of a log: the answer to a ping, or that a response has nothing after the number asked for. */
export function noticeFrame(type: 'pong' | 'response.detached', origin: FrameOrigin): string {
  return JSON.stringify({ type, ...origin });
}

/**
 * That a response is not created yet, and why. It is no entry of a log and has no number; the frame that asked for the
 * response is known by its own names.
 */
export function waitingFrame({ stage, estimateMs }: StartWait, origin: FrameOrigin): string {
  return JSON.stringify({ type: 'response.waiting', ...origin, stage, estimate_ms: estimateMs });
}

/** The answer to `response.cancel`: the response as it is after the stop. */
export function cancelledFrame(turn: Turn, origin: FrameOrigin): string {
  return JSON.stringify({ type: 'response.cancelled', ...origin, response: responseView(turn) });
}
