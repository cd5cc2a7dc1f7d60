import { ParleyError } from '@parley/kernel';

/** Why a source is of no use, in words that follow its name; `retryable`: another try may go well. */
export function sourceFault(
  message: string,
  options: {
    readonly retryable?: boolean;
    readonly retryAfterMs?: number | undefined;
    readonly cause?: unknown;
  } = {},
): ParleyError {
  const { retryable = false, retryAfterMs, cause } = options;
  return new ParleyError('unavailable', message, {
    retryable,
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its host is not known here.',
  EAI_AGAIN: 'its host cannot be looked up here.',
  ECONNREFUSED: 'its host refuses connections.',
  ECONNRESET: 'the connection was cut.',
  EHOSTUNREACH: 'its host cannot be reached from here.',
  ENETUNREACH: 'its network cannot be reached from here.',
  UND_ERR_CONNECT_TIMEOUT: 'its host does not answer.',
  UND_ERR_SOCKET: 'the connection was cut.',
};

/** What `fetch` threw, as a fault that another try may mend. */
export function networkFault(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const detail = code === '' ? messageOf(cause ?? error) : code;
  return sourceFault(reasons[code] ?? `it cannot be read (${detail}).`, { retryable: true, cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
