import { Metadata } from '@grpc/grpc-js';
import { ParleyError } from '@parley/kernel';
import type { Deadline, TenantContext } from '@parley/kernel';
import type { ServiceName } from '@parley/telemetry';

/** What is known about an incoming call once its fleet token is verified. */
export interface CallContext {
  readonly caller: ServiceName;
  readonly tenant: TenantContext;
  readonly traceparent?: string;
  /** By when the work must be done; absent = the caller set no limit. */
  readonly deadline?: Deadline;
}

const contexts = new WeakMap<Metadata, CallContext>();

/** Ties a context to the metadata of a call. The server's interceptor does it; tests of controllers may. */
export function setCallContext(metadata: Metadata, context: CallContext): void {
  contexts.set(metadata, context);
}

/**
 * The verified context of a call, from its metadata or the call itself.
 * @throws ParleyError `unauthenticated` when the call went past no interceptor: nothing vouches for it.
 */
export function callContext(source: Metadata | { readonly metadata: Metadata }): CallContext {
  const context = contexts.get(source instanceof Metadata ? source : source.metadata);
  if (context === undefined)
    throw new ParleyError('unauthenticated', 'This call carries no verified fleet token.');
  return context;
}
