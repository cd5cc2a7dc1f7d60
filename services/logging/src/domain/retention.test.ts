import { describe, expect, it } from 'vitest';
import { FakeRecordEvents } from '../ports/fake-record-events.ts';
import type { RecordStore, RecordUpkeep } from '../ports/record-store.ts';
import { cutoffsAt } from './retention-policy.ts';
import type { Cutoffs } from './retention-policy.ts';
import { Retention } from './retention.ts';

const dayMs = 86_400_000;

function storeWith(rows: number, months = 0) {
  const asked: Cutoffs[] = [];
  const left = { rows, months };
  const removeExpired: RecordUpkeep['removeExpired'] = (cutoffs, limit) => {
    asked.push(cutoffs);
    if (left.months > 0) {
      left.months -= 1;
      return Promise.resolve({ rows: 0, months: 1 });
    }
    const removed = Math.min(left.rows, limit);
    left.rows -= removed;
    return Promise.resolve({ rows: removed, months: 0 });
  };
  return { asked, store: { upkeep: { removeExpired } } as unknown as RecordStore };
}

async function sweep(
  store: RecordStore,
  days: number,
  { tenants = [], signal }: { tenants?: [string, number][]; signal?: AbortSignal } = {},
): Promise<string[]> {
  const events = new FakeRecordEvents();
  const policy = { days, tenants: new Map(tenants) };
  await new Retention(store, events, { now: () => 100 * dayMs }, policy).sweep(signal);
  return events.lines;
}

describe('retention', () => {
  it('of 0 days removes nothing', async () => {
    const { store, asked } = storeWith(5);
    expect(await sweep(store, 0, { tenants: [['acme', 0]] })).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('removes in steps all that is older than its days', async () => {
    const { store, asked } = storeWith(2500, 2);
    expect(await sweep(store, 30)).toEqual(['expired 2500 rows 2 months']);
    expect(asked.map(({ others }) => others)).toEqual(Array.from({ length: 6 }, () => 70 * dayMs));
  });

  it('knows tenants with days of their own', async () => {
    const { store, asked } = storeWith(1);
    await sweep(store, 0, { tenants: [['acme', 10]] });
    expect(asked[0]).toEqual({ others: 0, tenants: new Map([['acme', 90 * dayMs]]) });
    const policy = { days: 5, tenants: new Map([['other', 0]]) };
    expect(cutoffsAt(policy, 100 * dayMs)).toEqual({ others: 95 * dayMs, tenants: new Map([['other', 0]]) });
  });

  it('says nothing when nothing is due, and stops when told to', async () => {
    expect(await sweep(storeWith(0).store, 30)).toEqual([]);
    const { store, asked } = storeWith(5000);
    expect(await sweep(store, 30, { signal: AbortSignal.abort() })).toEqual([]);
    expect(asked).toEqual([]);
  });
});
