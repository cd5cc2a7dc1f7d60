import { ParleyError } from '@parley/kernel';
import type { ErrorOptions } from '@parley/kernel';

/** What an error of a server says of itself. */
export interface RemoteError {
  readonly message: string;
  /** Its code and type in words, '' where it has none. */
  readonly kind: string;
  /** Where an error inside a stream has one. */
  readonly status?: number;
}

const maxMessageChars = 300;
const tooLong =
  /context_length_exceeded|exceed_context_size|(maximum|max) context|context (length|window|size)|longer than the model|max_model_len/i;

/** The error in an answer's body; undefined when there is none. Servers have many shapes for it. */
export function errorIn(body: unknown): RemoteError | undefined {
  if (!isRecord(body)) return undefined;
  const { error, object, detail } = body;
  if (isRecord(error)) return read(error);
  if (typeof error === 'string' && error !== '') return { message: error, kind: '' };
  if (object === 'error') return read(body);
  if (detail !== undefined) return { message: detailOf(detail), kind: '' };
  return undefined;
}

function read(error: Readonly<Record<string, unknown>>): RemoteError {
  const words = [error['code'], error['type']].filter((word) => typeof word === 'string');
  const status = Number(error['code'] ?? Number.NaN);
  return {
    message: typeof error['message'] === 'string' ? error['message'] : 'it does not say why',
    kind: words.join(' '),
    ...(status >= 100 && status < 600 ? { status } : {}),
  };
}

function detailOf(detail: unknown): string {
  if (typeof detail === 'string') return detail;
  const [first] = Array.isArray(detail) ? (detail as unknown[]) : [];
  return isRecord(first) && typeof first['msg'] === 'string' ? first['msg'] : 'it does not say why';
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The remote model as messages name it, and what they must never show. */
export interface RemoteName {
  /** Such as `Model "Qwen3-8B" at gpu-1:8000`. */
  readonly title: string;
  /** Takes the key out of what a server wrote. */
  readonly clean: (text: string) => string;
}

/** A failure of the connection: another try may find the server well. */
export function connectionFault({ title }: RemoteName, cause: unknown): ParleyError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new ParleyError('unavailable', `${title} cannot be reached: ${code ?? message}.`, {
    cause,
    details: { connection: true },
  });
}

/** An answer that broke off. */
export function brokenOff({ title }: RemoteName, cause?: unknown): ParleyError {
  const options = { cause, details: { connection: true } };
  return new ParleyError('engine_failed', `${title} broke the answer off; try again.`, options);
}

/** Whether the connection failed, not what was asked over it. */
export function isConnectionFault({ details }: ParleyError): boolean {
  return details['connection'] === true;
}

/**
 * An HTTP status that is no answer, or an error inside a stream, as an error of Parley. What a server says about its key
 * is not repeated, nor more of its message than a line.
 */
export function statusFault(
  name: RemoteName,
  status: number,
  error: RemoteError | undefined,
  retryAfterMs?: number,
): ParleyError {
  const { title } = name;
  const said = error === undefined ? '' : `: ${lineOf(name.clean(error.message))}`;
  const fail = (text: string, options?: ErrorOptions): ParleyError =>
    new ParleyError('engine_failed', `${title} ${text}.`, options);
  if (error !== undefined && status < 500 && tooLong.test(`${error.kind} ${error.message}`))
    return new ParleyError('context_length_exceeded', `${title} holds less than that${said}.`, {
      param: 'messages',
    });
  switch (status) {
    case 401:
    case 403:
      return fail(`refuses the key (HTTP ${status}): look at apiKey in the model's document`, {
        retryable: false,
      });
    case 429:
    case 503:
      return new ParleyError('overloaded', `${title} has too much to do (HTTP ${status})${said}.`, {
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        details: { status },
      });
    case 400:
    case 413:
    case 422:
      return new ParleyError('invalid_request', `${title} refuses the request${said}.`);
    case 404:
      return fail(`is not there (HTTP 404)${said}`);
    case 501:
      return new ParleyError('unsupported', `${title} cannot do that${said}.`);
  }
  if (status >= 300 && status < 400)
    return fail(`sends elsewhere (HTTP ${status}), which is not followed: correct baseUrl`, {
      retryable: false,
    });
  return fail(`failed (HTTP ${status})${said}`, { retryable: status >= 500 || status === 408 });
}

function lineOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  return line.length <= maxMessageChars ? line : `${line.slice(0, maxMessageChars)}…`;
}

/** `Retry-After` in milliseconds: seconds or a date. */
export function retryAfterMs(header: string | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, Math.round(ms)) : undefined;
}
