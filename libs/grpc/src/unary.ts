import { status } from '@grpc/grpc-js';
import type { CallOptions, ClientUnaryCall, Metadata, ServiceError } from '@grpc/grpc-js';
import { Deadline, ParleyError } from '@parley/kernel';
import { abortedError, outgoing } from './outgoing.ts';
import type { OutgoingOptions } from './outgoing.ts';
import { fromServiceError } from './service-error.ts';

/** No call waits longer unless it streams. */
const defaultTimeoutMs = 30_000;

/** A unary method of a generated client, bound to it: `client.getTurn.bind(client)`. */
export type UnaryMethod<Req, Res> = (
  request: Req,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Res) => void,
) => ClientUnaryCall;

/**
 * Makes one unary call, with a deadline in any case (30 s unless given). A signal that aborts cancels it.
 * @throws ParleyError as the server meant it; `unavailable`, `deadline_exceeded` or `cancelled` when it did not answer.
 */
export function unary<Req, Res>(
  method: UnaryMethod<Req, Res>,
  request: Req,
  options: OutgoingOptions,
): Promise<Res> {
  return new Promise((resolve, reject) => {
    const deadline = options.deadline ?? Deadline.in(defaultTimeoutMs);
    const { metadata, callOptions } = outgoing({ ...options, deadline });
    const { signal } = options;
    const onAbort = (): void => call.cancel();
    const call = method(request, metadata, callOptions, (error, response) => {
      signal?.removeEventListener('abort', onAbort);
      if (error === null) resolve(response);
      else reject(callError(error, signal));
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** A failed call as an error of ours; one that nobody here cancelled was cut by a server that goes away. */
export function callError(error: ServiceError, signal?: AbortSignal): ParleyError {
  if (signal?.aborted === true) return abortedError(signal);
  const mapped = fromServiceError(error);
  const cutOff = error.code === status.CANCELLED && error.metadata.get('parley-error-bin').length === 0;
  if (!cutOff) return mapped;
  return new ParleyError('unavailable', 'A service that this request needs went away; try again shortly.', {
    cause: error,
  });
}
