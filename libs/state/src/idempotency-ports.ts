import type { Fence } from './fence.ts';

/** What the first request with an Idempotency-Key writes before it does anything else. */
export interface NewClaim {
  /** A digest of the request's body; opaque. */
  readonly fingerprint: string;
  /** The id of what the request is about to make, a turn or a job: whoever goes on with the claim makes this one. */
  readonly subject: string;
  /** How long, in milliseconds, nobody else goes on with it unless it is released. */
  readonly holdMs: number;
  /** How long it is kept, in milliseconds. */
  readonly keepMs: number;
}

/** An Idempotency-Key that has been used, as the store keeps it. */
export interface Claim {
  readonly fingerprint: string;
  readonly subject: string;
  /** Changes with every holder. */
  readonly fence: Fence;
  /** Whether somebody is about to make the subject: its time to hold is not over. */
  readonly held: boolean;
  /** Whether the subject was made. From then on nobody makes it again, whatever becomes of it. */
  readonly settled: boolean;
}

/** Idempotency-Keys: a name, which is that of one tenant, operation and key, is claimed by one request at a time. */
export interface IdempotencyStore {
  /**
   * Claims a name that is free.
   * @returns the claim there is now; `mine`: this call made it and holds it.
   */
  claim(name: string, claim: NewClaim): Promise<Claim & { readonly mine: boolean }>;
  /**
   * Goes on with a claim that is neither settled nor held, if its fence still is `fence`, and holds it for `holdMs`.
   * @returns the new fence; undefined when somebody else was first.
   */
  takeOver(name: string, fence: Fence, holdMs: number): Promise<Fence | undefined>;
  /** Says what was made, and keeps the claim for `keepMs` from now; does nothing when the fence is not the claim's. */
  settle(name: string, fence: Fence, subject: string, keepMs: number): Promise<void>;
  /** Lets the next request go on with a claim at once; does nothing when it is settled or the fence is not the claim's. */
  release(name: string, fence: Fence): Promise<void>;
  /** Frees the name, also one that is settled; does nothing when the fence is not the claim's. */
  forget(name: string, fence: Fence): Promise<void>;
}
