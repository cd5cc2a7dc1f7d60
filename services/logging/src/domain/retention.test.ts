import { describe, expect, it } from 'vitest';
import { FakeRecordEvents } from '../ports/fake-record-events.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { Retention } from './retention.ts';

const dayMs = 86_400_000;

function storeWith(rows: number): Pick<RecordStore, 'removeBefore'> & { asked: number[] } {
  const asked: number[] = [];
  let left = rows;
  return {
    asked,
    removeBefore: (timeMs, limit) => {
      asked.push(timeMs);
      const removed = Math.min(left, limit);
      left -= removed;
      return Promise.resolve(removed);
    },
  };
}

function retention(
  store: Pick<RecordStore, 'removeBefore'>,
  events: FakeRecordEvents,
  days: number,
): Retention {
  return new Retention(store as RecordStore, events, { now: () => 100 * dayMs }, days);
}

describe('retention', () => {
  it('of 0 days removes nothing', async () => {
    const store = storeWith(5);
    await retention(store, new FakeRecordEvents(), 0).sweep();
    expect(store.asked).toEqual([]);
  });

  it('removes in steps all that is older than its days', async () => {
    const store = storeWith(2500);
    const events = new FakeRecordEvents();
    await retention(store, events, 30).sweep();
    expect(store.asked).toEqual([70, 70, 70, 70].map((day) => day * dayMs));
    expect(events.lines).toEqual(['expired 2500']);
  });

  it('says nothing when nothing is due, and stops when told to', async () => {
    const events = new FakeRecordEvents();
    await retention(storeWith(0), events, 30).sweep();
    const store = storeWith(5000);
    await retention(store, events, 30).sweep(AbortSignal.abort());
    expect([store.asked, events.lines]).toEqual([[], []]);
  });
});
