import { expect, it } from 'vitest';
import { modelEvent, someDayMs } from '../support/records.ts';
import { hourMs, incoming } from './fixture.ts';
import type { storeUnderTest } from './store-under-test.ts';

/** Finding events. */
export function searchContract(under: ReturnType<typeof storeUnderTest>): void {
  it('finds events by every part of the filter', async () => {
    await under.insert(
      incoming('resp_1', { id: 'a', key: 'conv_1' }),
      incoming('resp_2', { id: 'b', type: 'other', tenant: 'globex', occurredAtMs: someDayMs + hourMs }),
      { ...modelEvent('parley-tiny', { id: 'c' }), turnId: '', endsTurn: false, user: '' },
    );
    const { idsOf } = under;
    expect(await idsOf({ turnId: 'resp_1' })).toEqual(['a']);
    expect(await idsOf({ subject: 'conv_1' })).toEqual(['a']);
    expect(await idsOf({ subject: 'resp_2' })).toEqual(['b']);
    expect(await idsOf({ subject: 'parley-tiny' })).toEqual(['c']);
    expect(await idsOf({ types: ['other', 'parley.model.loaded.v1'] })).toEqual(['b', 'c']);
    expect(await idsOf({ tenant: 'acme' })).toEqual(['a']);
    expect(await idsOf({ fromMs: someDayMs + hourMs })).toEqual(['b']);
    expect(await idsOf({ toMs: someDayMs + hourMs })).toEqual(['a', 'c']);
    expect(await idsOf({ tenant: 'globex', subject: 'resp_1' })).toEqual([]);
    expect(
      await idsOf({ tenant: 'globex', subject: 'resp_2', types: ['other'], toMs: someDayMs + 2 * hourMs }),
    ).toEqual(['b']);
    expect(await idsOf({ types: [] })).toEqual([]);
  });

  it('cuts a page by count and by size, and says how far it came', async () => {
    const data = `{"x":"${'x'.repeat(100)}"}`;
    await under.insert(...['a', 'b', 'c'].map((id) => incoming('resp_1', { id, data })));
    const { store } = under;
    const whole = { filter: {}, after: 0, upTo: await store.head() };
    const byCount = await store.page({ ...whole, limit: 2, maxDataLength: 1000 });
    expect(byCount.events.map((event) => event.id)).toEqual(['a', 'b']);
    expect(byCount.reached).toBe(byCount.events[1]?.position);
    const after = byCount.reached - 1;
    const bySize = await store.page({ ...whole, after, limit: 10, maxDataLength: 150 });
    expect(bySize.events.map((event) => event.id)).toEqual(['b']);
    expect(bySize.reached).toBe(byCount.reached);
    const oversize = await store.page({ ...whole, after: bySize.reached, limit: 10, maxDataLength: 1 });
    expect(oversize.events.map((event) => event.id)).toEqual(['c']);
  });

  it('looks at a part of a large range, and the parts add up', async () => {
    for (let batch = 0; batch < 50; batch++)
      await under.insert(...Array.from({ length: 250 }, (_, n) => incoming(`resp_${batch}_${n}`)));
    await under.insert(incoming('resp_x', { id: 'last', type: 'rare' }));
    const upTo = await under.store.head();
    const found: string[] = [];
    let after = 0;
    for (let reads = 0; after < upTo && reads < 10; reads++) {
      const bounds = { after, upTo, limit: 10, maxDataLength: 1000 };
      const page = await under.store.page({ filter: { types: ['rare'] }, ...bounds });
      found.push(...page.events.map((event) => event.id));
      expect(page.reached).toBeGreaterThan(after);
      after = page.reached;
    }
    expect([after, found]).toEqual([upTo, ['last']]);
  });
}
