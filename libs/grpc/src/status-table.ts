import { status } from '@grpc/grpc-js';
import type { ErrorCode } from '@parley/kernel';

/** The gRPC status of every error code. Codes that share a status are told apart by the error trailer. */
export const grpcStatusByCode: Readonly<Record<ErrorCode, status>> = {
  invalid_request: status.INVALID_ARGUMENT,
  context_length_exceeded: status.INVALID_ARGUMENT,
  unsupported: status.UNIMPLEMENTED,
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  model_not_found: status.NOT_FOUND,
  conflict: status.ABORTED,
  idempotency_mismatch: status.INVALID_ARGUMENT,
  stream_expired: status.OUT_OF_RANGE,
  payload_too_large: status.RESOURCE_EXHAUSTED,
  rate_limited: status.RESOURCE_EXHAUSTED,
  model_not_ready: status.FAILED_PRECONDITION,
  model_not_here: status.FAILED_PRECONDITION,
  engine_failed: status.UNAVAILABLE,
  overloaded: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  deadline_exceeded: status.DEADLINE_EXCEEDED,
  cancelled: status.CANCELLED,
  stale_fence: status.ABORTED,
  config_invalid: status.FAILED_PRECONDITION,
  internal: status.INTERNAL,
};

/** What a status means that comes without an error trailer: it was set by gRPC itself, not by Parley's code. */
export const codeByGrpcStatus: Readonly<Record<Exclude<status, status.OK>, ErrorCode>> = {
  [status.CANCELLED]: 'cancelled',
  [status.UNKNOWN]: 'internal',
  [status.INVALID_ARGUMENT]: 'invalid_request',
  [status.DEADLINE_EXCEEDED]: 'deadline_exceeded',
  [status.NOT_FOUND]: 'not_found',
  [status.ALREADY_EXISTS]: 'conflict',
  [status.PERMISSION_DENIED]: 'permission_denied',
  [status.RESOURCE_EXHAUSTED]: 'payload_too_large',
  [status.FAILED_PRECONDITION]: 'conflict',
  [status.ABORTED]: 'conflict',
  [status.OUT_OF_RANGE]: 'invalid_request',
  [status.UNIMPLEMENTED]: 'unsupported',
  [status.INTERNAL]: 'internal',
  [status.UNAVAILABLE]: 'unavailable',
  [status.DATA_LOSS]: 'internal',
  [status.UNAUTHENTICATED]: 'unauthenticated',
};
