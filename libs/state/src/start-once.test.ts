import { newPublicId, ParleyError, untilAborted } from '@parley/kernel';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSqliteState } from './open-sqlite-state.ts';
import type { StateStore } from './ports.ts';
import { claimName, startOnce } from './start-once.ts';
import type { KeyedRequest, OnceOptions, OnceWork } from './start-once.ts';

const request: KeyedRequest = {
  tenant: 'acme',
  route: 'POST /v1/responses',
  key: 'order-17',
  fingerprint: 'a',
};

/** What requests have made, and how often each thing was made; what a test does to a request on its way. */
class Workshop implements AsyncDisposable {
  nowMs = 1_000_000;
  readonly store: StateStore = openSqliteState(':memory:', { clock: { now: () => this.nowMs } });
  readonly made: string[] = [];
  readonly there = new Set<string>();
  readonly errors: unknown[] = [];
  #subjects = 0;
  /** What happens instead of making. */
  before: () => Promise<void> | void = () => undefined;
  mayRepeat = false;

  get work(): OnceWork<string> {
    return {
      find: (subject) => Promise.resolve(this.there.has(subject) ? subject : undefined),
      make: async (subject) => {
        await this.before();
        if (this.there.has(subject)) throw new ParleyError('conflict', 'It is there.');
        this.made.push(subject);
        this.there.add(subject);
        return { subject, made: subject };
      },
      mayRepeat: this.mayRepeat,
    };
  }

  start(change: Partial<KeyedRequest> = {}, options: Partial<OnceOptions> = {}): Promise<string> {
    const all = {
      subject: `subject-${++this.#subjects}`,
      keepMs: 3_600_000,
      signal: AbortSignal.timeout(20_000),
      onError: (error: unknown) => this.errors.push(error),
      ...options,
    };
    return startOnce(this.store.idempotency, { ...request, ...change }, all, this.work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
  }
}

describe('what is started once', () => {
  test('is made by the first request, and is the answer of every other', async () => {
    await using shop = new Workshop();
    const answers = await Promise.all(Array.from({ length: 8 }, () => shop.start()));
    expect(shop.made).toHaveLength(1);
    expect(new Set([...answers, await shop.start()])).toEqual(new Set(shop.made));
  });

  test('is another thing for another key, operation or tenant', async () => {
    await using shop = new Workshop();
    for (const change of [{}, { key: 'x' }, { route: 'POST /x' }, { tenant: 'x' }]) await shop.start(change);
    expect(new Set(shop.made).size).toBe(4);
    const names = [
      { tenant: 'a', route: 'b', key: 'c' },
      { tenant: 'a', route: 'bc', key: '' },
      { tenant: 'a"', route: ',"b', key: 'c' },
    ].map(claimName);
    expect(new Set(names).size).toBe(3);
  });

  test('is refused to a request with another body, before and after it is made', async () => {
    await using shop = new Workshop();
    const refused = { code: 'idempotency_mismatch', param: 'Idempotency-Key', retryable: false };
    shop.before = () => expect(shop.start({ fingerprint: 'b' })).rejects.toMatchObject(refused);
    await shop.start();
    await expect(shop.start({ fingerprint: 'b' })).rejects.toMatchObject(refused);
    expect(shop.made).toHaveLength(1);
  });

  test('keeps its id when nobody knows whether it was made, and is found if it was', async () => {
    await using shop = new Workshop();
    const lost = new ParleyError('unavailable', 'The store does not answer.');
    shop.before = () => Promise.reject(lost);
    await expect(shop.start()).rejects.toBe(lost);
    shop.before = () => undefined;
    expect(await shop.start()).toBe('subject-1');
    expect(await shop.start()).toBe('subject-1');
  });

  test('frees the key when the request itself was refused', async () => {
    await using shop = new Workshop();
    shop.before = () => Promise.reject(new ParleyError('model_not_found', 'There is no such model.'));
    await expect(shop.start()).rejects.toMatchObject({ code: 'model_not_found' });
    shop.before = () => undefined;
    expect(await shop.start({ fingerprint: 'corrected' })).toBe('subject-2');
  });

  test('is gone on with, under the same id, when its maker has died', async () => {
    await using shop = new Workshop();
    const dead = Promise.withResolvers<void>();
    shop.before = () => dead.promise;
    const first = shop.start();
    await expectHeld(shop);
    shop.before = () => undefined;
    const second = shop.start();
    shop.nowMs += 5_001;
    expect(await second).toBe('subject-1');
    dead.resolve();
    expect(await first, 'the one that was only slow gets what the other made').toBe('subject-1');
    expect(shop.made).toEqual(['subject-1']);
  });

  test('is waited for as long as its maker is at work, and no longer than the caller stays', async () => {
    await using shop = new Workshop();
    const slow = Promise.withResolvers<void>();
    shop.before = () => slow.promise;
    const first = shop.start();
    await expectHeld(shop);
    const gone = new AbortController();
    const left = shop.start({}, { signal: gone.signal });
    const waiting = shop.start();
    gone.abort(new ParleyError('cancelled', 'The client has gone.'));
    await expect(left).rejects.toMatchObject({ code: 'cancelled' });
    slow.resolve();
    expect(await waiting).toBe(await first);
  });

  test('is never made again when it is gone, unless its time was over', async () => {
    await using shop = new Workshop();
    shop.there.delete(await shop.start());
    const refused = { code: 'conflict', retryable: false };
    await expect(shop.start()).rejects.toMatchObject(refused);
    await expect(shop.start()).rejects.toMatchObject(refused);
    shop.mayRepeat = true;
    expect(await shop.start()).toBe('subject-4');
  });

  test('is remembered for its time, counted from when it was made', async () => {
    await using shop = new Workshop();
    shop.before = () => {
      shop.nowMs += 3_000;
    };
    const first = await shop.start();
    shop.nowMs += 3_599_000;
    expect(await shop.start()).toBe(first);
    shop.nowMs += 2_000;
    expect(await shop.start()).toBe('subject-3');
  });

  test('is made although it cannot be noted, and still found afterwards', async () => {
    await using shop = new Workshop();
    const { idempotency } = shop.store;
    const settle = idempotency.settle.bind(idempotency);
    idempotency.settle = () => Promise.reject(new ParleyError('unavailable', 'Away.'));
    const first = await shop.start();
    expect(shop.errors).toMatchObject([{ code: 'unavailable' }]);
    idempotency.settle = settle;
    expect(await shop.start()).toBe(first);
    shop.there.clear();
    await expect(shop.start(), 'it was noted then').rejects.toMatchObject({ code: 'conflict' });
  });

  test('is made once at most, whoever dies at whichever step', async () => {
    const step = fc.constantFrom('lives', 'dies before', 'dies after', 'is slow', 'loses the answer');
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (fates) => {
      await using shop = new Workshop();
      // Time flies, so that holds end, those of the dead and those of the slow.
      const flying = setInterval(() => (shop.nowMs += 2_000), 5);
      const answers = await Promise.all(fates.map((fate) => requestOf(shop, fate)));
      const last = await requestOf(shop, 'lives');
      clearInterval(flying);
      expect(shop.made.length).toBe(1);
      expect(new Set([...answers, last].filter((answer) => answer !== undefined))).toEqual(
        new Set(shop.made),
      );
    });
    await fc.assert(property, { numRuns: 60 });
  });
});

/** A request that may die on its way: undefined when nobody heard its answer. */
async function requestOf(shop: Workshop, fate: string): Promise<string | undefined> {
  const { work } = shop;
  const dead = new Promise<never>(() => undefined);
  const make = async (subject: string, claim: string) => {
    if (fate === 'is slow') await new Promise((resolve) => setTimeout(resolve, 15));
    if (fate === 'dies before') return dead;
    const made = await work.make(subject, claim);
    if (fate === 'dies after') return dead;
    if (fate === 'loses the answer') throw new ParleyError('unavailable', 'The answer was lost.');
    return made;
  };
  const death = fate.startsWith('dies') ? AbortSignal.timeout(30) : AbortSignal.timeout(20_000);
  const options = { subject: newPublicId('resp'), keepMs: 1e12, signal: death, onError: () => undefined };
  const answer = startOnce(shop.store.idempotency, request, options, { ...work, make });
  const heard = answer.catch(() => undefined);
  return fate.startsWith('dies') ? Promise.race([heard, untilAborted(death).then(() => undefined)]) : heard;
}

/** Resolves once somebody holds the key. */
async function expectHeld(shop: Workshop): Promise<void> {
  for (;;) {
    const probe = { fingerprint: 'probe', subject: 'probe', holdMs: 1, keepMs: 1 };
    const claim = await shop.store.idempotency.claim(claimName(request), probe);
    if (!claim.mine && claim.held) return;
    if (claim.mine) await shop.store.idempotency.forget(claimName(request), claim.fence);
  }
}
