import type { ParleyError } from '@parley/kernel';
import { finalStatuses, httpErrors } from './error-table.ts';

/** An error as an HTTP answer: `application/problem+json`, with OpenAI's `error` object inside. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemBody;
}

interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly error: ErrorObject;
}

/** OpenAI's error object. */
export interface ErrorObject {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
}

/** What HTTP knows and the code list does not: a wrong method, a wrong content type. */
export interface HttpOverride {
  readonly status: number;
  readonly title: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a request without a valid key is answered. */
export const unauthenticated: HttpOverride = {
  status: 401,
  title: 'Not authenticated',
  headers: { 'www-authenticate': 'Bearer' },
};

export function errorObject(error: ParleyError): ErrorObject {
  return {
    message: error.message,
    type: httpErrors[error.code].type,
    param: error.param === undefined || error.param === '' ? null : error.param,
    code: error.code,
  };
}

/** The HTTP answer for an error. @param requestId names this occurrence, as the header `x-request-id` does */
export function problemOf(error: ParleyError, requestId: string, override?: HttpOverride): Problem {
  const row = httpErrors[error.code];
  const status = override?.status ?? row.status;
  return {
    status,
    headers: { ...retryHeaders(error, status), ...override?.headers },
    body: {
      type: `urn:parley:error:${error.code}`,
      title: override?.title ?? row.title,
      status,
      detail: error.message,
      instance: `urn:parley:request:${requestId}`,
      error: errorObject(error),
    },
  };
}

/** What tells a client whether and when to send the same request again. */
export function retryHeaders(
  error: ParleyError,
  status = httpErrors[error.code].status,
): Record<string, string> {
  const mayHelp = status === 429 || status === 503;
  if (finalStatuses.has(status) || (mayHelp && !error.retryable)) return { 'x-should-retry': 'false' };
  if (!mayHelp) return {};
  const ms = Math.max(1, Math.ceil(error.retryAfterMs || httpErrors[error.code].retryAfterMs || 1000));
  return { 'retry-after': String(Math.ceil(ms / 1000)), 'retry-after-ms': String(ms) };
}
