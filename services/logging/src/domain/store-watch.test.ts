import { describe, expect, it } from 'vitest';
import { ParleyError } from '@parley/kernel';
import type { RecordStore } from '../ports/record-store.ts';
import { StoreWatch } from './store-watch.ts';

describe('the watch over the store', () => {
  it('says whether the last probe could write, and why not', async () => {
    let full = false;
    const probe = () =>
      full ? Promise.reject(new ParleyError('unavailable', 'The disk is full.')) : Promise.resolve();
    const watch = new StoreWatch({ probe } as RecordStore);
    expect(watch.health().ok).toBe(false);
    await watch.check();
    expect(watch.health()).toEqual({ ok: true });
    full = true;
    await watch.check();
    expect(watch.health()).toEqual({ ok: false, reason: 'The disk is full.' });
  });
});
