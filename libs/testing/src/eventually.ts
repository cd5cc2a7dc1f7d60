/** How long and how often `eventually` tries. */
export interface EventuallyOptions {
  /** Default 5000: far above any delay a store may have. */
  readonly timeoutMs?: number;
  /** Default 10. */
  readonly everyMs?: number;
}

/**
 * Runs `check` until it does not throw, and gives its result: for facts that become true some time after the call
 * that causes them.
 * @throws what `check` threw last, when the time is over.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const giveUpAt = performance.now() + (options.timeoutMs ?? 5_000);
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= giveUpAt) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 10));
  }
}
