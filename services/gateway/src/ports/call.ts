import type { TenantContext } from '@parley/kernel';

/** On whose behalf a neighbour is called, and when the caller has gone. */
export interface Call {
  readonly tenant: TenantContext;
  /** The W3C trace the request belongs to; undefined when the client sent none. */
  readonly traceparent: string | undefined;
  /** Aborts when the client has gone: reading stops, a stored turn goes on. */
  readonly signal: AbortSignal;
}
