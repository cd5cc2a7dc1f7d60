const most = 20;
const earnedPerSuccess = 0.1;

/**
 * Keeps retries a small share of the calls, so that a model that fails everywhere is not asked three times as often.
 * One token per retry; ten successes earn one back.
 */
export class RetryBudget {
  #tokens = most;

  /** Takes a retry if there is one left. */
  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  earn(): void {
    this.#tokens = Math.min(most, this.#tokens + earnedPerSuccess);
  }
}
