import type { ErrorCode } from '@parley/kernel';

/** How a code looks over HTTP. */
export interface HttpError {
  readonly status: number;
  readonly title: string;
  /** The OpenAI family of the error, for clients that switch on it. */
  readonly type: string;
  /** When to try again if the error itself does not say; undefined: trying again does not help. */
  readonly retryAfterMs?: number;
}

const invalid = 'invalid_request_error';
const server = 'server_error';

/** Every code of the closed list; a new code does not compile until it has a row. */
export const httpErrors: Readonly<Record<ErrorCode, HttpError>> = {
  invalid_request: { status: 400, title: 'Invalid request', type: invalid },
  context_length_exceeded: { status: 400, title: 'Prompt too long', type: invalid },
  unsupported: { status: 400, title: 'Not supported', type: invalid },
  unauthenticated: { status: 401, title: 'Not authenticated', type: 'authentication_error' },
  permission_denied: { status: 403, title: 'Not allowed', type: 'permission_error' },
  not_found: { status: 404, title: 'Not found', type: invalid },
  model_not_found: { status: 404, title: 'Model not found', type: invalid },
  conflict: { status: 409, title: 'Conflict', type: 'conflict_error' },
  idempotency_mismatch: { status: 422, title: 'Idempotency-Key used with another body', type: invalid },
  stream_expired: { status: 410, title: 'Stream expired', type: invalid },
  payload_too_large: { status: 413, title: 'Payload too large', type: invalid },
  rate_limited: { status: 429, title: 'Rate limited', type: 'rate_limit_error', retryAfterMs: 1000 },
  cancelled: { status: 499, title: 'Cancelled', type: invalid },
  internal: { status: 500, title: 'Internal error', type: server },
  config_invalid: { status: 500, title: 'Invalid configuration', type: server },
  model_not_ready: { status: 503, title: 'Model not ready', type: server, retryAfterMs: 2000 },
  model_not_here: { status: 503, title: 'Model not on this instance', type: server, retryAfterMs: 1000 },
  engine_failed: { status: 503, title: 'Engine failed', type: server, retryAfterMs: 1000 },
  overloaded: { status: 503, title: 'Overloaded', type: server, retryAfterMs: 1000 },
  unavailable: { status: 503, title: 'Unavailable', type: server, retryAfterMs: 1000 },
  stale_fence: { status: 503, title: 'Unavailable', type: server, retryAfterMs: 1000 },
  deadline_exceeded: { status: 504, title: 'Deadline exceeded', type: 'timeout_error' },
};

/** Statuses that clients which retry on their own must not retry. */
export const finalStatuses: ReadonlySet<number> = new Set([409, 422, 504]);
