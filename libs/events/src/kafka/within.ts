import { ParleyError } from '@parley/kernel';

/**
 * The result of `work`, whatever becomes of it later.
 * @param what it is, for the error
 * @throws ParleyError `unavailable` when it takes longer than `ms`; the signal's reason when that aborts first.
 */
export async function within<T>(
  ms: number,
  what: string,
  work: Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    ended.reject(new ParleyError('unavailable', `Kafka did not answer within ${ms} ms: ${what}.`));
  }, ms);
  const onAbort = (): void => ended.reject(signal?.reason as Error);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  // Whichever loses is nobody's any more.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
