export { ParleyError, errorCodes, reworded, toParleyError } from './errors.ts';
export type { ErrorCode, ErrorOptions } from './errors.ts';
export {
  newUuid,
  uuidFromName,
  newPublicId,
  shardOf,
  shardOfId,
  shardCount,
  terminalEventId,
} from './ids.ts';
export { systemClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { Deadline } from './deadline.ts';
export { sleep, untilAborted } from './sleep.ts';
export { assertNever } from './assert-never.ts';
export { cacheScopeOf, opaqueScope } from './cache-scope.ts';
export type { TenantContext, Role } from './tenant-context.ts';
