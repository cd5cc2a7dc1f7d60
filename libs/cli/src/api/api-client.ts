import { ParleyError, errorCodes } from '@parley/kernel';
import type { ErrorCode } from '@parley/kernel';
import { NoFleetError } from './fleet-access.ts';
import type { FleetAccess } from './fleet-access.ts';

/** Of one request; what takes longer is a job. */
const requestLimitMs = 30_000;

/** The part of a problem document that messages need. */
interface ErrorBody {
  readonly error?: { readonly message?: unknown; readonly code?: unknown };
}

/** What to do about an error whose message, made for every client, cannot know that it is read in a terminal. */
const advice: Partial<Record<ErrorCode, string>> = {
  unauthenticated: 'Set PARLEY_API_KEY or --api-key to a key of this fleet.',
  permission_denied: 'Set PARLEY_API_KEY or --api-key to an admin key.',
};

/** Plain JSON over the public HTTP API of a fleet. */
export class ApiClient {
  readonly access: FleetAccess;

  constructor(access: FleetAccess) {
    this.access = access;
  }

  /** @throws as `request` */
  get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.#request('GET', path, undefined, signal);
  }

  /** @throws as `request` */
  post<T>(path: string, body: object = {}, signal?: AbortSignal): Promise<T> {
    return this.#request('POST', path, body, signal);
  }

  /**
   * @throws ParleyError with the API's code, message and what to do; `deadline_exceeded` after 30 s.
   * @throws NoFleetError when nothing answers there.
   */
  async #request<T>(
    method: string,
    path: string,
    body: object | undefined,
    signal?: AbortSignal,
  ): Promise<T> {
    const limit = AbortSignal.timeout(requestLimitMs);
    try {
      const response = await fetch(`${this.access.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.access.apiKey}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      });
      const content = parseJson(await response.text());
      if (response.ok && content !== undefined) return content as T;
      throw apiError(response.status, response.headers, content);
    } catch (error) {
      if (error instanceof ParleyError || signal?.aborted === true) throw error;
      if (limit.aborted) throw timedOut(method, path, this.access.url);
      throw awayError(this.access, error);
    }
  }
}

/** Says that nothing answers at the fleet's address, and why that may be. */
export function awayError(access: FleetAccess, cause: unknown): NoFleetError {
  const why = reasonOf(cause);
  const hint =
    access.data === undefined
      ? 'Check PARLEY_URL.'
      : `The fleet of ${access.data} is still starting, or was killed: then start it with parley up`;
  return new NoFleetError(`Nothing answers at ${access.url}${why === '' ? '' : ` (${why})`}. ${hint}`);
}

/** The innermost code or message: `ECONNREFUSED`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const inner = reasonOf(error.cause);
  return inner === '' ? ((error as NodeJS.ErrnoException).code ?? error.message) : inner;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the API said, with what to do about it. @param content the body of the answer */
export function apiError(status: number, headers: Headers, content: unknown): ParleyError {
  const { error } = (content ?? {}) as ErrorBody;
  if (typeof error?.message !== 'string') {
    const message = `The answer was HTTP ${status} without a reason; this may not be a Parley gateway. Check PARLEY_URL.`;
    return new ParleyError(status >= 500 ? 'unavailable' : 'invalid_request', message, { retryable: false });
  }
  const code = errorCodes.find((known) => known === error.code) ?? 'internal';
  const retryAfterMs = Number(headers.get('retry-after-ms') ?? Number.NaN);
  return new ParleyError(
    code,
    [error.message, ...hints(code, retryAfterMs, headers.get('x-request-id'))].join(' '),
  );
}

function hints(code: ErrorCode, retryAfterMs: number, requestId: string | null): string[] {
  if (advice[code] !== undefined) return [advice[code]];
  if (code === 'internal' && requestId !== null) return [`(request ${requestId} in the gateway's log)`];
  return Number.isFinite(retryAfterMs) ? [`Try again in ${Math.ceil(retryAfterMs / 1000)} s.`] : [];
}

function timedOut(method: string, path: string, url: string): ParleyError {
  const message = `${url} has not answered ${method} ${path} within ${requestLimitMs / 1000} s. Look at the fleet's logs.`;
  return new ParleyError('deadline_exceeded', message);
}
