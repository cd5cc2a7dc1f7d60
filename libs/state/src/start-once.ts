import { createHash } from 'node:crypto';
import { ParleyError, sleep } from '@parley/kernel';
import type { ErrorCode } from '@parley/kernel';
import type { Fence } from './fence.ts';
import type { IdempotencyStore } from './idempotency-ports.ts';

/** A request that its client may repeat under an Idempotency-Key. */
export interface KeyedRequest {
  readonly tenant: string;
  /** The operation that the key belongs to, for example `POST /v1/responses`. */
  readonly route: string;
  readonly key: string;
  /** A digest of the body: the same key with another body is a mistake. */
  readonly fingerprint: string;
}

/** How one keyed request is handled; milliseconds. */
export interface OnceOptions {
  /** The id that is made where the key is new. */
  readonly subject: string;
  /** How long the key is remembered, counted anew once something was made. */
  readonly keepMs: number;
  /** The caller's: ends waiting for another request with the key, which ends by itself after 15 s. */
  readonly signal?: AbortSignal;
  /** Called when a note about the key could not be written. Repetitions are answered all the same, perhaps later. */
  readonly onError: (error: unknown) => void;
}

/** What a keyed request leads to. */
export interface OnceWork<T> {
  /** What was made under that id; undefined when there is nothing, or nothing any more. */
  find(subject: string): Promise<T | undefined>;
  /**
   * Makes it, under the claim of that name. The id of what was made is another where existing work was joined.
   * @throws ParleyError `conflict` when something has that id already.
   */
  make(subject: string, claim: string): Promise<{ readonly subject: string; readonly made: T }>;
  /** Whether what was made and is gone may be made again, because its time was over. */
  readonly mayRepeat: boolean;
}

/**
 * How long a request that is about to make something keeps others with its key from doing it instead. Two that do it
 * all the same lose nothing but work: the id decides.
 */
const holdMs = 5_000;
/** Longer than a hold, so that one death in between is waited out. */
const longestWaitMs = 15_000;
const firstPauseMs = 20;
const longestPauseMs = 250;

/** After these it is not known that nothing was made, or the same request will come again: the id stays the claim's. */
const undecided: ReadonlySet<ErrorCode> = new Set([
  'unavailable',
  'internal',
  'cancelled',
  'deadline_exceeded',
]);

/** The store's name for the key of a request: the same text never names keys of two tenants or operations. */
export function claimName({ tenant, route, key }: Omit<KeyedRequest, 'fingerprint'>): string {
  return createHash('sha256')
    .update(JSON.stringify([tenant, route, key]))
    .digest('hex');
}

/**
 * Makes something at most once for an Idempotency-Key: claims the key under the id that will be used, makes what has
 * that id, and notes that it was made. A repetition gets what there is; one that comes while the first is at work waits
 * for it, and goes on in its place when it has died, with the same id. What is refused by the request's own fault frees
 * the key.
 * @throws ParleyError `idempotency_mismatch` for another body; `conflict` when what was made is gone; `unavailable` when
 * others were at work for too long; the signal's reason; whatever `find` and `make` throw.
 */
export async function startOnce<T>(
  store: IdempotencyStore,
  request: KeyedRequest,
  options: OnceOptions,
  work: OnceWork<T>,
): Promise<T> {
  const name = claimName(request);
  const { subject, keepMs, signal } = options;
  const startedAt = performance.now();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const claim = await store.claim(name, { fingerprint: request.fingerprint, subject, holdMs, keepMs });
    const holding = { store, name, options };
    if (claim.mine) return makeUnder(holding, claim.fence, claim.subject, work);
    if (claim.fingerprint !== request.fingerprint) throw mismatch();
    const found = await work.find(claim.subject);
    if (found !== undefined) {
      if (!claim.settled) await settle(holding, claim.fence, claim.subject);
      return found;
    }
    if (claim.settled) {
      if (!work.mayRepeat) throw gone();
      await store.forget(name, claim.fence);
      continue;
    }
    const fence = claim.held ? undefined : await store.takeOver(name, claim.fence, holdMs);
    if (fence !== undefined) return makeUnder(holding, fence, claim.subject, work);
    if (performance.now() - startedAt > longestWaitMs) throw stillStarting();
    await sleep(pauseMs, signal);
  }
}

interface Holding {
  readonly store: IdempotencyStore;
  readonly name: string;
  readonly options: OnceOptions;
}

async function makeUnder<T>(holding: Holding, fence: Fence, subject: string, work: OnceWork<T>): Promise<T> {
  try {
    const { made, subject: madeSubject } = await work.make(subject, holding.name);
    await settle(holding, fence, madeSubject);
    return made;
  } catch (error) {
    // Somebody else with this key may have been faster, or a step that failed was done all the same.
    const found = await work.find(subject).catch(holding.options.onError);
    if (found !== undefined) {
      await settle(holding, fence, subject);
      return found;
    }
    const { store, name } = holding;
    const code = error instanceof ParleyError ? error.code : 'internal';
    const free = undecided.has(code) ? store.release(name, fence) : store.forget(name, fence);
    // What cannot be given back now is free after its hold.
    await free.catch(holding.options.onError);
    throw error;
  }
}

async function settle({ store, name, options }: Holding, fence: Fence, subject: string): Promise<void> {
  await store.settle(name, fence, subject, options.keepMs).catch(options.onError);
}

function mismatch(): ParleyError {
  const message =
    'This Idempotency-Key was used with another request body. Send the first body again, or another key.';
  return new ParleyError('idempotency_mismatch', message, { param: 'Idempotency-Key' });
}

function gone(): ParleyError {
  const message =
    'What this Idempotency-Key made is no longer kept, and it is not made twice. Send another key to make it anew.';
  return new ParleyError('conflict', message, { param: 'Idempotency-Key' });
}

function stillStarting(): ParleyError {
  const message =
    'The first request with this Idempotency-Key is still being started. Send it again in a moment.';
  return new ParleyError('unavailable', message, { retryAfterMs: 1_000 });
}
