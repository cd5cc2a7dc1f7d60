/**
 * Every code an error of Parley can carry. The list is closed: clients may switch on it, and each edge maps it
 * to its own status in one exhaustive table.
 */
export const errorCodes = [
  'invalid_request',
  'context_length_exceeded',
  'unsupported',
  'unauthenticated',
  'permission_denied',
  'not_found',
  'model_not_found',
  'conflict',
  'idempotency_mismatch',
  'stream_expired',
  'payload_too_large',
  'rate_limited',
  'model_not_ready',
  'model_not_here',
  'engine_failed',
  'overloaded',
  'unavailable',
  'deadline_exceeded',
  'cancelled',
  'stale_fence',
  'config_invalid',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

const retryableByNature: ReadonlySet<ErrorCode> = new Set([
  'rate_limited',
  'model_not_ready',
  'model_not_here',
  'engine_failed',
  'overloaded',
  'unavailable',
  'stale_fence',
]);

/** What may accompany an error beside its code and message. */
export interface ErrorOptions {
  readonly cause?: unknown;
  /** The request field at fault, as the caller wrote it: `messages[0].role`. */
  readonly param?: string;
  /** Overrides what the code implies. */
  readonly retryable?: boolean;
  /** When the same request may succeed, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** Bounded facts for logs; never text of users or secrets. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * The one error of Parley's own code. `message` says what was wrong, where, and what to do; it may reach a client.
 * `retryable` says whether the same request may succeed later.
 */
export class ParleyError extends Error {
  override readonly name = 'ParleyError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? retryableByNature.has(code);
    this.param = options.param;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? {};
  }
}

/** The same failure in words that say more. */
export function reworded(error: ParleyError, message: string): ParleyError {
  return new ParleyError(error.code, message, { cause: error, retryable: error.retryable });
}

/** Any thrown value as a ParleyError; what is not one already becomes `internal`, its message kept as the cause. */
export function toParleyError(thrown: unknown): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  return new ParleyError('internal', 'An internal error occurred; the service log has the cause.', {
    cause: thrown,
  });
}
