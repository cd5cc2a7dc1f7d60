import { ReplyError } from 'ioredis';
import { ParleyError } from '@parley/kernel';

/** What a server says that cannot serve now; the same command may succeed later or elsewhere. */
const passing =
  /^(LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|READONLY|NOREPLICAS|BUSY|OOM|MISCONF|UNBLOCKED|ASK|MOVED)\b/;

const refused = /^(NOAUTH|WRONGPASS|NOPERM)\b/;

/** Whether the server does not know our library (any more): it was flushed or replaced. */
export function isFunctionMissing(error: unknown): boolean {
  return error instanceof Error && /\bFunction not found\b/.test(error.message);
}

/** Whether the server refuses this user; asking again does not help. */
export function isRefused(error: unknown): boolean {
  return error instanceof Error && refused.test(error.message);
}

/**
 * Any failure of a command as a ParleyError: `unavailable` when Redis could not be reached or cannot serve now, the
 * outcome then being unknown; else `internal`.
 */
export function stateError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  hideArguments(error);
  const text = error instanceof Error ? error.message : String(error);
  if (isRefused(error)) {
    const message = 'Redis refuses the user of the state store: check its name, password and permissions.';
    return new ParleyError('unavailable', message, { cause: error });
  }
  if (error instanceof ReplyError && !passing.test(text)) {
    return new ParleyError('internal', 'Redis refused a command of the state store.', { cause: error });
  }
  const message = 'Redis cannot be reached or cannot serve now.';
  return new ParleyError('unavailable', message, { cause: error, retryAfterMs: 1_000 });
}

/** ioredis hangs the command on its error, with what somebody wrote or a password; causes are logged with all they hold. */
function hideArguments(error: unknown): void {
  if (error instanceof Error) Reflect.deleteProperty(error, 'command');
}
