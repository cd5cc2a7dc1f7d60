import { Metadata } from '@grpc/grpc-js';
import type { status } from '@grpc/grpc-js';
import { RpcException } from '@nestjs/microservices';
import { common } from '@parley/contracts';
import { ParleyError, toParleyError } from '@parley/kernel';
import { isServiceError, fromServiceError } from './service-error.ts';
import { metadataKeys } from './metadata-keys.ts';
import { grpcStatusByCode } from './status-table.ts';

/** The message travels twice, as status text and in the trailer; HTTP/2 peers refuse headers of more than 16 KiB. */
const longestMessage = 2000;

/** An error as gRPC ends a call with it. */
export interface ErrorStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/**
 * Any thrown value as a gRPC status whose `parley-error-bin` trailer carries code, message, field and retry advice.
 * What is neither a ParleyError nor a failed call becomes `internal`, without its own text.
 */
export function errorStatus(thrown: unknown): ErrorStatus {
  const error = asParleyError(thrown);
  // A lone surrogate would make grpc-js fail while it encodes the status text.
  const message = error.message.slice(0, longestMessage).toWellFormed();
  const metadata = new Metadata();
  const detail = common.ErrorDetail.encode({
    code: error.code,
    message,
    param: (error.param ?? '').slice(0, longestMessage).toWellFormed(),
    retryable: error.retryable,
    retryAfterMs: Math.min(Math.max(0, Math.ceil(error.retryAfterMs ?? 0)), 0xffff_ffff),
  });
  metadata.set(metadataKeys.error, Buffer.from(detail.finish()));
  return { code: grpcStatusByCode[error.code], details: message, metadata };
}

/**
 * Any thrown value as the exception that Nest passes to the caller with its code and trailer. Logs nothing.
 * A ServiceError that is thrown bare would reach the caller as UNKNOWN.
 */
export function toRpcException(thrown: unknown): RpcException {
  if (thrown instanceof RpcException) return thrown;
  const { code, details, metadata } = errorStatus(thrown);
  return new RpcException({ code, message: details, metadata });
}

/** Any thrown value as a ParleyError: failed calls by their trailer, aborts as `cancelled`, the rest `internal`. */
export function asParleyError(thrown: unknown): ParleyError {
  if (isServiceError(thrown)) return fromServiceError(thrown);
  if (thrown instanceof Error && thrown.name === 'AbortError') {
    return new ParleyError('cancelled', 'The request was cancelled.', { cause: thrown });
  }
  return toParleyError(thrown);
}
