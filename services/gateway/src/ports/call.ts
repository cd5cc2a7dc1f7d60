import type { TenantContext } from '@parley/kernel';

/** Under it a client may send its request again: what the request makes is made once. */
export interface IdempotencyKey {
  /** The operation that the key belongs to. */
  readonly route: string;
  readonly key: string;
  /** A digest of what must be the same in a repetition. */
  readonly fingerprint: string;
}

/** Why a turn does not begin yet. */
export interface StartWait {
  /** What is being done, for people. */
  readonly stage: string;
  /** Milliseconds until it is likely to begin; 0 = not known. */
  readonly estimateMs: number;
}

/** On whose behalf a neighbour is called, and when the caller has gone. */
export interface Call {
  readonly tenant: TenantContext;
  /** The W3C trace the request belongs to; undefined when the client sent none. */
  readonly traceparent: string | undefined;
  /** Aborts when the client has gone: reading stops, a stored turn goes on. */
  readonly signal: AbortSignal;
  /** Undefined: the client gave none. Only what makes a turn or a job heeds it; the rest may be repeated as it is. */
  readonly idempotency?: IdempotencyKey | undefined;
  /** Told, time and again, why a turn does not begin yet. Must not throw. */
  readonly onWait?: ((wait: StartWait) => void) | undefined;
}
