/** What happens beside pulls. None of these may throw. */
export interface PullEvents {
  /** A pulled model cannot be offered, and why. */
  notRegistered(model: string, error: unknown): void;
}
