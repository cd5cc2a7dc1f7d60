import { Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { common } from '@parley/contracts';
import { ParleyError, errorCodes } from '@parley/kernel';
import type { ErrorCode } from '@parley/kernel';
import { metadataKeys } from './metadata-keys.ts';
import { codeByGrpcStatus } from './status-table.ts';

/** Texts for failures that gRPC reports itself; its own text names addresses, which are no client's business. */
const textByCode: Partial<Record<ErrorCode, string>> = {
  unavailable: 'A service that this request needs cannot be reached; try again shortly.',
  deadline_exceeded: 'The request did not finish in the time allowed.',
  cancelled: 'The request was cancelled.',
  unauthenticated:
    'The fleet token of an internal call is missing or not valid; check that all services use one fleet secret.',
  permission_denied: 'This service may not make this internal call.',
  unsupported:
    'A service of the fleet does not know this call; check that all services have the same version.',
  payload_too_large: 'A message between two services is larger than allowed.',
};

const internalText = 'An internal call failed; the service log has the cause.';

/** Whether a thrown value is a failed gRPC call of this process. */
export function isServiceError(thrown: unknown): thrown is ServiceError {
  return (
    thrown instanceof Error && 'metadata' in thrown && thrown.metadata instanceof Metadata && 'code' in thrown
  );
}

/** A failed call as the error that its server meant, from the `parley-error-bin` trailer; else by its status. */
export function fromServiceError(error: ServiceError): ParleyError {
  const detail = errorDetail(error);
  const code = errorCodes.find((known) => known === detail?.code);
  if (detail !== undefined && code !== undefined) {
    return new ParleyError(code, detail.message, {
      cause: error,
      retryable: detail.retryable,
      ...(detail.param === '' ? {} : { param: detail.param }),
      ...(detail.retryAfterMs === 0 ? {} : { retryAfterMs: detail.retryAfterMs }),
    });
  }
  const byStatus = connectionLost(error) ? 'unavailable' : codeOf(error.code);
  return new ParleyError(byStatus, textByCode[byStatus] ?? internalText, { cause: error });
}

function codeOf(grpcStatus: status): ErrorCode {
  return grpcStatus === status.OK ? 'internal' : codeByGrpcStatus[grpcStatus];
}

/** grpc-js reports a peer that dies in mid-call as INTERNAL, with the reset or socket error in the text. */
function connectionLost(error: ServiceError): boolean {
  return error.code === status.INTERNAL && /RST_STREAM|ECONNRESET|EPIPE|socket hang up/.test(error.details);
}

function errorDetail(error: ServiceError): common.ErrorDetail | undefined {
  const [value] = error.metadata.get(metadataKeys.error);
  if (!Buffer.isBuffer(value)) return undefined;
  try {
    return common.ErrorDetail.decode(value);
  } catch {
    return undefined;
  }
}
