import { describe, expect, it } from 'vitest';
import { hourMs, incoming } from './support/fixture.ts';
import { describeStores } from './support/record-stores.ts';
import { modelEvent, someDayMs } from './support/records.ts';

/** What every adapter of the RecordStore port does with events. */
await describeStores((under) => {
  describe('with events', () => {
    it('gives an event back as it came', async () => {
      const data = '{ "text" : "na\\u00efve \\u0000 \u{1f600} 好",  "x":1e2 }';
      const event = incoming('resp_1', { data, traceparent: '00-ab-cd-01', sequence: 2 ** 53 - 1 });
      await under.insert(event);
      const { events, reached } = await under.store.page({
        filter: {},
        after: 0,
        upTo: 10,
        limit: 10,
        maxDataLength: 1,
      });
      const { endsTurn: _, user: _user, ...same } = event;
      expect(events).toEqual([{ ...same, position: events[0]?.position, recordedAtMs: someDayMs }]);
      expect(reached).toBe(10);
    });

    it('numbers events in the order they were recorded', async () => {
      const events = ['a', 'b', 'c'].map((id) => incoming('resp_1', { id }));
      expect(await under.store.head()).toBe(0);
      await under.insert(...events.slice(0, 2));
      const head = await under.store.head();
      await under.insert(...events.slice(2));
      expect(await under.idsOf({})).toEqual(['a', 'b', 'c']);
      expect(await under.idsOf({}, { after: head })).toEqual(['c']);
      expect(await under.idsOf({}, { upTo: head })).toEqual(['a', 'b']);
    });

    it('keeps them whatever time they say that they happened', async () => {
      const times = [0, 1, someDayMs, someDayMs - 40 * 24 * hourMs, Date.now(), 253_402_300_799_999];
      const events = times.map((occurredAtMs, n) => incoming(`resp_${n}`, { id: `e${n}`, occurredAtMs }));
      await under.insert(...events);
      expect(await under.idsOf({})).toEqual(events.map(({ id }) => id));
      expect(await under.idsOf({ fromMs: 2, toMs: someDayMs })).toEqual(['e3']);
    });

    it('knows the events and the ended turns that it has', async () => {
      const events = [incoming('resp_1', { id: 'a', endsTurn: true }), incoming('resp_2', { id: 'b' })];
      await under.insert(...events);
      const { type } = incoming('resp_1');
      expect(
        await under.store.write((tx) => tx.knownEvents([...events, incoming('resp_3', { id: 'z' })])),
      ).toEqual(
        new Map([
          ['a', type],
          ['b', type],
        ]),
      );
      expect(await under.store.write((tx) => tx.endedTurns(['resp_1', 'resp_2']))).toEqual(
        new Set(['resp_1']),
      );
      expect(await under.store.write((tx) => tx.knownEvents([]))).toEqual(new Map());
    });

    it('lets no turn end twice, and undoes the whole write that tries', async () => {
      await under.insert(incoming('resp_1', { id: 'a', endsTurn: true }));
      await expect(
        under.insert(incoming('resp_2', { id: 'b' }), incoming('resp_1', { id: 'c', endsTurn: true })),
      ).rejects.toMatchObject({ code: 'invalid_request' });
      expect(await under.idsOf({})).toEqual(['a']);
    });

    it('undoes a write whose work fails', async () => {
      const write = under.store.write(async (tx) => {
        await tx.insertEvents([incoming('resp_1')], someDayMs);
        throw new Error('stop');
      });
      await expect(write).rejects.toMatchObject({ cause: new Error('stop') });
      expect(await under.store.head()).toBe(0);
    });

    it('takes a full batch at once', async () => {
      const batch = Array.from({ length: 256 }, (_, n) => incoming(`resp_${n}`, { endsTurn: true }));
      await under.insert(...batch);
      expect(await under.idsOf({}, { limit: 1000 })).toEqual(batch.map((event) => event.id));
    });

    it('takes attributes as long as the inspection lets them be', async () => {
      const longest = (name: string): string =>
        name + Buffer.alloc(508, Math.random().toString(36)).toString('hex');
      const long = {
        id: longest('id'),
        type: longest('type'),
        key: longest('key'),
        subject: longest('subject'),
        tenant: longest('tenant'),
      };
      await under.insert(incoming(longest('turn'), { ...long, endsTurn: true }));
      expect(await under.idsOf({ tenant: long.tenant, types: [long.type], subject: long.key })).toEqual([
        long.id,
      ]);
    });

    it('proves that it can be written', async () => {
      await under.store.probe();
      await under.store.probe();
    });

    it('serves readers and a writer at the same time', async () => {
      const writes = Array.from({ length: 20 }, (_, n) => under.insert(incoming('resp_1', { id: `e${n}` })));
      const reads = Array.from({ length: 20 }, () => under.idsOf({}));
      await Promise.all([...writes, ...reads]);
      expect(await under.idsOf({})).toHaveLength(20);
    });

    it('has events without a turn and without a tenant', async () => {
      await under.insert({
        ...modelEvent('parley-tiny', { id: 'c' }),
        turnId: '',
        endsTurn: false,
        user: '',
      });
      expect(await under.idsOf({ tenant: '', subject: 'parley-tiny' })).toEqual(['c']);
    });
  });

  describe('that is searched', () => {
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
  });
});
