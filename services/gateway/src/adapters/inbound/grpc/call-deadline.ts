import type { ServerCall } from '@parley/grpc';

/** The end of a turn must reach its caller before the caller gives up: a tenth of the time, at most half a second. */
const shareForTheWay = 0.1;
const longestWayMs = 500;

/** The time that a call's deadline leaves for its turn; undefined: the caller set none. */
export function turnTimeoutOf(call: ServerCall): number | undefined {
  const at = Number(call.getDeadline());
  if (!Number.isFinite(at)) return undefined;
  const remainingMs = Math.max(0, at - Date.now());
  return Math.max(1, Math.floor(remainingMs - Math.min(remainingMs * shareForTheWay, longestWayMs)));
}
