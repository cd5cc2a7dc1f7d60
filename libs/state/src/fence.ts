/**
 * Proof of ownership of a turn, lease or job. `epoch` is random and made with the store: a token of another epoch is
 * always stale (the store was flushed since). `counter` grows with every change of owner.
 */
export interface Fence {
  readonly epoch: string;
  readonly counter: number;
}
