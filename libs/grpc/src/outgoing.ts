import { Metadata, propagate } from '@grpc/grpc-js';
import type { CallOptions, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { ParleyError } from '@parley/kernel';
import type { Deadline, TenantContext } from '@parley/kernel';
import { metadataKeys } from './metadata-keys.ts';

/** An incoming call whose cancellation and deadline an outgoing one may inherit. */
export type ServerCall = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

/** What goes with every internal call. */
export interface OutgoingOptions {
  /** On whose behalf; travels inside the fleet token. */
  readonly tenant: TenantContext;
  readonly traceparent?: string | undefined;
  readonly deadline?: Deadline | undefined;
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
  /** The incoming call that this one serves: cancelled and timed out with it. */
  readonly parent?: ServerCall | undefined;
}

/** The key under which call options carry the tenant to the client's interceptor, which signs the token. */
export const tenantOption = Symbol('tenant');

/** Call options as the interceptor of `createGrpcClient` reads them. */
export interface FleetCallOptions extends CallOptions {
  [tenantOption]?: TenantContext;
}

/**
 * Metadata and options of one outgoing call.
 * @param graceMs how much later than the deadline of the work the call itself is cut
 * @throws ParleyError `deadline_exceeded` or the signal's reason when there is no time left to make the call.
 */
export function outgoing(
  options: OutgoingOptions,
  graceMs = 0,
): { metadata: Metadata; callOptions: FleetCallOptions } {
  if (options.signal?.aborted === true) throw abortedError(options.signal);
  options.deadline?.check('The request');
  const metadata = new Metadata();
  metadata.set(metadataKeys.requestId, options.tenant.requestId);
  if (options.traceparent !== undefined) metadata.set(metadataKeys.traceparent, options.traceparent);
  const callOptions: FleetCallOptions = { [tenantOption]: options.tenant };
  if (options.deadline !== undefined) {
    const remainingMs = Math.ceil(options.deadline.remainingMs());
    metadata.set(metadataKeys.remainingMs, String(remainingMs));
    callOptions.deadline = Date.now() + remainingMs + graceMs;
  }
  if (options.parent !== undefined) {
    callOptions.parent = options.parent;
    callOptions.propagate_flags = propagate.DEFAULTS;
  }
  return { metadata, callOptions };
}

/** Why a signal aborted, as an error of ours: its own reason when that is one, else `cancelled`. */
export function abortedError(signal: AbortSignal): ParleyError {
  if (signal.reason instanceof ParleyError) return signal.reason;
  return new ParleyError('cancelled', 'The request was cancelled.', { cause: signal.reason });
}
