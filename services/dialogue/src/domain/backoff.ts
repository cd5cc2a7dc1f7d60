/** Milliseconds before try number `attempt` (from 1): doubling from `firstMs` to `mostMs`, half of it by chance. */
export function backoffMs(attempt: number, firstMs: number, mostMs: number): number {
  const full = Math.min(mostMs, firstMs * 2 ** (attempt - 1));
  return full / 2 + (Math.random() * full) / 2;
}
