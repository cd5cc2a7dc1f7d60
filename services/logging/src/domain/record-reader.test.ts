import { describe, expect, it } from 'vitest';
import type { EventPage, PageQuery, RecordStore } from '../ports/record-store.ts';
import { decodeCursor } from './cursor.ts';
import type { StoredEvent } from './recorded-event.ts';
import { RecordReader } from './record-reader.ts';

function stored(position: number, data = '{}'): StoredEvent {
  const envelope = {
    source: '',
    topic: 't',
    key: 'k',
    subject: 's',
    tenant: 'acme',
    occurredAtMs: 0,
    sequence: position,
  };
  return { ...envelope, id: `e${position}`, type: 'x', turnId: '', data, position, recordedAtMs: 0 };
}

/** A store whose pages look at `window` positions each, as a large one's do. */
function storeOf(
  events: readonly StoredEvent[],
  window: number,
): Pick<RecordStore, 'head' | 'page'> & { reads: PageQuery[] } {
  const reads: PageQuery[] = [];
  return {
    reads,
    head: () => Promise.resolve(events.at(-1)?.position ?? 0),
    page: (query: PageQuery): Promise<EventPage> => {
      reads.push(query);
      const upTo = Math.min(query.upTo, query.after + window);
      const found = events
        .filter(({ position }) => position > query.after && position <= upTo)
        .slice(0, query.limit);
      const full = found.length === query.limit;
      return Promise.resolve({ events: found, reached: full ? (found.at(-1)?.position ?? upTo) : upTo });
    },
  };
}

function readerOf(store: Pick<RecordStore, 'head' | 'page'>, now: () => number = () => 0): RecordReader {
  return new RecordReader(store as RecordStore, { now });
}

async function pagesOf(reader: RecordReader, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  for (let after = ''; ;) {
    const answer = await reader.query({ filter: {}, after, limit });
    pages.push(answer.events.map((event) => event.id));
    if (answer.next === '') return pages;
    after = answer.next;
  }
}

describe('a query', () => {
  it('is answered page by page, without a page too many', async () => {
    const reader = readerOf(
      storeOf(
        [1, 2, 3, 4].map((n) => stored(n)),
        100,
      ),
    );
    expect(await pagesOf(reader, 2)).toEqual([
      ['e1', 'e2'],
      ['e3', 'e4'],
    ]);
    expect(await pagesOf(reader, 3)).toEqual([['e1', 'e2', 'e3'], ['e4']]);
    expect(await pagesOf(reader, 0)).toEqual([['e1', 'e2', 'e3', 'e4']]);
  });

  it('finds the few events of a large record', async () => {
    const reader = readerOf(storeOf([stored(5), stored(5000), stored(9000)], 10));
    expect(await pagesOf(reader, 2)).toEqual([['e5', 'e5000'], ['e9000']]);
  });

  it('of an empty record has no next page', async () => {
    const { reached, ...answer } = await readerOf(storeOf([], 10)).query({
      filter: {},
      after: '',
      limit: 10,
    });
    expect(answer).toEqual({ events: [], next: '' });
    expect(decodeCursor(reached)).toBe(0);
  });

  it('says up to where it has looked, so that a tail can begin at the end and go on without an event', async () => {
    const events = [stored(5), stored(9)];
    const reader = readerOf(storeOf(events, 100));
    const { events: none, reached } = await reader.query({ filter: {}, after: 'end', limit: 10 });
    expect([none, decodeCursor(reached)]).toEqual([[], 9]);
    events.push(stored(12));
    const later = await reader.query({ filter: {}, after: reached, limit: 10 });
    expect(later.events.map(({ id }) => id)).toEqual(['e12']);
    expect(later.next).toBe('');
    expect(decodeCursor(later.reached)).toBe(12);
  });

  it('that searches too long answers with a place to go on from', async () => {
    let now = 0;
    const store = storeOf([stored(1), stored(1_000_000)], 10);
    const answer = await readerOf(store, () => (now += 100)).query({ filter: {}, after: '', limit: 10 });
    expect(answer.events.map((event) => event.id)).toEqual(['e1']);
    expect(decodeCursor(answer.next)).toBe(store.reads.length * 10);
    expect(store.reads.length).toBeLessThan(25);
  });

  it('keeps its answer small when payloads are large', async () => {
    const large = [1, 2, 3].map((n) => stored(n, 'x'.repeat(700_000)));
    const store = storeOf(large, 1);
    const pages = await pagesOf(readerOf(store), 100);
    expect(pages).toEqual([['e1', 'e2'], ['e3']]);
    expect(store.reads[1]?.maxDataLength).toBe(1024 * 1024 - 700_000);
  });

  it.each([-1, 1001, 0.5])('with the limit %d is refused', async (limit) => {
    const query = readerOf(storeOf([], 10)).query({ filter: {}, after: '', limit });
    await expect(query).rejects.toMatchObject({ code: 'invalid_request', param: 'limit' });
  });

  it('ends when its caller has gone', async () => {
    const query = readerOf(storeOf([stored(1)], 10)).query(
      { filter: {}, after: '', limit: 1 },
      AbortSignal.abort(new Error('gone')),
    );
    await expect(query).rejects.toThrow('gone');
  });
});

describe('the pages of a record', () => {
  it('are everything that is recorded when the first is read', async () => {
    const events = Array.from({ length: 450 }, (_, index) => stored(index + 1));
    const read: string[] = [];
    for await (const page of readerOf(storeOf(events, 10_000)).pages({})) {
      if (read.length === 0) events.push(stored(451));
      read.push(...page.events.map(({ id }) => id));
      expect(page.head).toBe(450);
    }
    expect(read).toHaveLength(450);
    expect(read.at(-1)).toBe('e450');
  });

  it('are read one when the one before is consumed, from any place', async () => {
    const store = storeOf(
      Array.from({ length: 450 }, (_, index) => stored(index + 1)),
      10_000,
    );
    const pages = readerOf(store).pages({}, 7);
    const first = await pages.next();
    expect(first.value?.events[0]?.id).toBe('e8');
    expect(store.reads).toHaveLength(1);
    await pages.next();
    expect(store.reads).toHaveLength(2);
    await pages.return();
  });
});
