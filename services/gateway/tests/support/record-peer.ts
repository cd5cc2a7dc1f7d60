import type { ServerWritableStream, ServiceError } from '@grpc/grpc-js';
import { record } from '@parley/contracts';
import { errorStatus } from '@parley/grpc';
import type { ParleyError } from '@parley/kernel';
import { GrpcPeer } from './grpc-peer.ts';
import { at } from './model-peer.ts';

type Answer = (error: Partial<ServiceError> | null, answer?: object) => void;
type ExportCall = ServerWritableStream<record.ExportEventsRequest, record.RecordedEvent>;

export const recordedEvent: record.RecordedEvent = {
  id: 'e1',
  type: 'parley.turn.completed.v1',
  source: '/parley/dialogue',
  subject: 'resp_1',
  occurredAt: at,
  recordedAt: at,
  tenant: 'default',
  topic: 'parley.conversation.events.v1',
  key: 'resp_1',
  sequence: 1,
  data: '{"finishReason":"FINISH_REASON_STOP"}',
  turnId: 'resp_1',
  cursor: 'c1',
};

const letter: record.DeadLetter = {
  id: 'd1',
  reason: 'payload_not_json',
  detail: 'The payload is not JSON.',
  topic: 'parley.conversation.events.v1',
  partition: 3,
  offset: 7,
  key: 'conv_1',
  eventId: 'e9',
  type: 'parley.turn.completed.v1',
  tenant: 'acme',
  receivedAt: at,
  data: '{',
};

/** What an export is like. */
interface Exported {
  readonly events: number;
  /** How it ends, when not well. */
  readonly error?: ParleyError;
  /** How long nothing is found. */
  readonly silentMs?: number;
  /** The payload of each event. */
  readonly data?: string;
}

/** The record as the gateway sees it: one event, of the turn resp_1, one dead letter, and exports of any length. */
export class RecordPeer {
  readonly asked: { readonly method: string; readonly request: unknown }[] = [];
  readonly peer: GrpcPeer;
  /** How many events an export has, and what it ends with. */
  exported: Exported = { events: 3 };
  /** Events written so far, and whether the reader has left before the end. */
  sent = 0;
  left = 0;

  constructor() {
    this.peer = new GrpcPeer([
      [
        record.RecordService,
        {
          queryEvents: (call: { request: record.QueryEventsRequest }, answer: Answer) =>
            answer(null, this.#page(call.request)),
          exportEvents: (call: ExportCall) => void this.#export(call),
          listDeadLetters: this.#unary('listDeadLetters', { letters: [letter], next: 'd1' }),
          retryDeadLetters: this.#unary('retryDeadLetters', {
            recorded: 2,
            refused: [{ ...letter, data: '' }],
          }),
          eraseUser: this.#unary('eraseUser', { eventId: 'e42' }),
        },
      ],
    ]);
  }

  #unary(method: string, response: object) {
    return (call: { request: unknown }, answer: Answer): void => {
      this.asked.push({ method, request: call.request });
      answer(null, response);
    };
  }

  #page(request: record.QueryEventsRequest): object {
    this.asked.push({ method: 'queryEvents', request });
    const { turnId = '' } = request.filter ?? {};
    const found = request.after !== recordedEvent.cursor && ['', recordedEvent.turnId].includes(turnId);
    if (!found) return { events: [], next: '', reached: request.after };
    return { events: [recordedEvent], next: recordedEvent.cursor, reached: recordedEvent.cursor };
  }

  async #export(call: ExportCall): Promise<void> {
    this.asked.push({ method: 'exportEvents', request: call.request });
    const { events, error, silentMs = 0, data = recordedEvent.data } = this.exported;
    const reader = { ended: false };
    const gone = new Promise<void>((resolve) => {
      call.once('cancelled', () => {
        if (!reader.ended) this.left += 1;
        reader.ended = true;
        resolve();
      });
    });
    if (silentMs > 0) await new Promise((resolve) => setTimeout(resolve, silentMs));
    for (let n = 1; n <= events && !reader.ended; n++) {
      this.sent = n;
      const room = call.write({ ...recordedEvent, id: `e${n}`, cursor: `c${n}`, data });
      if (!room) await Promise.race([drained(call), gone]);
    }
    if (reader.ended) return;
    reader.ended = true;
    if (error === undefined) call.end();
    else call.emit('error', errorStatus(error));
  }
}

function drained(call: ExportCall): Promise<void> {
  return new Promise((resolve) => {
    call.once('drain', () => resolve());
  });
}
