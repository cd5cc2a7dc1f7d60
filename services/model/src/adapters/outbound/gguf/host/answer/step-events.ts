import type { ErrorCode, ParleyError } from '@parley/kernel';
import type { AnswerEvent } from '../../host-protocol.ts';

/** What a step has to say about one job. Every job ends with exactly one `finished` or `failed`. */
export type StepEvent =
  | Extract<AnswerEvent, { readonly type: 'chunk' | 'tool-call' | 'finished' }>
  | FailedEvent;

interface FailedEvent {
  readonly type: 'failed';
  readonly id: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number;
}

export function cancelledEvent(id: string): FailedEvent {
  return { type: 'failed', id, code: 'cancelled', message: 'The request was cancelled.' };
}

export function lateEvent(id: string): FailedEvent {
  return {
    type: 'failed',
    id,
    code: 'deadline_exceeded',
    message: 'The time allowed was over before the first token.',
  };
}

/** Said to who made room in the queue for somebody that had less in it. */
export function refusedEvent(id: string, { code, message, retryAfterMs }: ParleyError): FailedEvent {
  return { type: 'failed', id, code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

export function failedEvent(id: string, error: unknown): FailedEvent {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    type: 'failed',
    id,
    code: 'engine_failed',
    message: `The engine could not go on with this answer: ${reason}`,
  };
}
