import type { TenantContext } from '@parley/kernel';
import type { Call } from '../ports/call.ts';
import { requestIdOf } from './request-identity.ts';

/** Who speaks over a connection that carries many requests, and in which trace. */
export interface ClientIdentity {
  readonly holder: Omit<TenantContext, 'requestId'>;
  readonly traceparent: string | undefined;
  /** What the client reads, best first; '' = not said. */
  readonly languages: string;
}

/** One request of it, with an id of its own. */
export function newCall({ holder, traceparent }: ClientIdentity, signal: AbortSignal): Call {
  return { tenant: { ...holder, requestId: requestIdOf(undefined) }, traceparent, signal };
}
