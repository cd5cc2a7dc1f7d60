import { userEventTypes, userKey } from '@parley/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { letter, shortcuts } from '../../tests/support/fixture.ts';
import { received, someDayMs, turnEvent } from '../../tests/support/records.ts';
import { recordedIds, recorderOn, testInspector } from '../../tests/support/test-recorder.ts';
import { openSqliteRecordStore } from '../adapters/outbound/sqlite/sqlite-record-store.ts';
import { FakeRecordEvents } from '../ports/fake-record-events.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { deadLetter } from './dead-letter.ts';
import { DeadLetters } from './dead-letters.ts';

const clock = { now: () => someDayMs };
let store: RecordStore;
let events: FakeRecordEvents;
let letters: DeadLetters;

beforeEach(() => {
  store = openSqliteRecordStore(':memory:');
  events = new FakeRecordEvents();
  letters = new DeadLetters(testInspector, store, events, clock);
});
afterEach(() => store[Symbol.asyncDispose]());

/** A letter whose reason is gone, such as one that an older version did not understand. */
function mended(turn: string, change: Parameters<typeof turnEvent>[2] = {}) {
  const [record] = received(turnEvent(turn, undefined, change));
  if (record === undefined) throw new Error('there is no record');
  return { record, letter: deadLetter(record, 'turn_id_missing', 'It had no turn.') };
}

describe('dead letters', () => {
  it('are listed in pages, in the order they came', async () => {
    await shortcuts(store).addLetters(letter('x'), letter('y'), letter('z'));
    const first = await letters.list('', 2);
    expect(first.letters.map(({ data }) => data)).toEqual(['x', 'y']);
    const second = await letters.list(first.next, 2);
    expect(second).toMatchObject({ letters: [{ data: 'z' }], next: '' });
    await expect(letters.list('cDE6Mg', 2)).rejects.toMatchObject({ param: 'after' });
    await expect(letters.list('', 1001)).rejects.toMatchObject({ param: 'limit' });
  });

  it('that pass now are recorded and leave the list', async () => {
    const [one, two] = [mended('resp_1'), mended('resp_2')];
    await shortcuts(store).addLetters(one.letter, two.letter);
    expect(await letters.retry([two.letter.id, two.letter.id])).toEqual({ recorded: 1, refused: [] });
    expect(await recordedIds(store)).toEqual([two.record.id]);
    expect(await letters.retry([])).toEqual({ recorded: 1, refused: [] });
    expect((await letters.list('', 0)).letters).toEqual([]);
    expect(events.lines).toContain(`stored ${one.record.id}`);
  });

  it('that were recorded meanwhile leave the list', async () => {
    const { record, letter: known } = mended('resp_1');
    await shortcuts(store).addLetters(known);
    await recorderOn(store).recorder.record([record]);
    expect(await letters.retry([])).toEqual({ recorded: 1, refused: [] });
    expect(await recordedIds(store)).toEqual([record.id]);
  });

  it('that are refused again stay, with their reasons as of now', async () => {
    const first = turnEvent('resp_1');
    await recorderOn(store, clock).recorder.record(received(first));
    const second = mended('resp_1');
    const third = mended('resp_2', { data: '{' });
    const old = letter('kept by an older version', { attributes: '' });
    await shortcuts(store).addLetters(second.letter, third.letter, old);
    const { recorded, refused } = await letters.retry([]);
    expect(recorded).toBe(0);
    expect(refused.map(({ reason, data }) => [reason, data])).toEqual([
      ['second_terminal_event', ''],
      ['payload_not_json', ''],
      ['attribute_invalid', ''],
    ]);
    const { letters: left } = await letters.list('', 0);
    expect(left.map(({ reason }) => reason)).toEqual(refused.map(({ reason }) => reason));
    expect(left[1]?.data).toBe('{');
    expect(events.lines.at(-1)).toBe('retried 0 recorded 3 refused');
  });

  it('that are erasures take effect when they pass', async () => {
    const data = JSON.stringify({ turn: { turnId: 'resp_1', endUser: 'ursula' }, instructions: 'secret' });
    await recorderOn(store).recorder.record(received(turnEvent('resp_1', undefined, { data })));
    const erased = JSON.stringify({ tenant: 'acme', endUser: 'ursula', erasedAt: new Date().toISOString() });
    const erasure = mended('', { data: erased, type: userEventTypes.erased, key: userKey('acme', 'ursula') });
    await shortcuts(store).addLetters(erasure.letter);
    expect(await letters.retry([])).toEqual({ recorded: 1, refused: [] });
    const page = await store.page({ filter: {}, after: 0, upTo: 9, limit: 9, maxDataLength: 9999 });
    expect(JSON.stringify(page.events)).not.toMatch(/secret|ursula/);
  });

  it('can be named in numbers that make sense only, and are left alone once the caller has gone', async () => {
    const ids = Array.from({ length: 1001 }, String);
    await expect(letters.retry(ids)).rejects.toMatchObject({ code: 'invalid_request', param: 'ids' });
    await shortcuts(store).addLetters(mended('resp_1').letter);
    await expect(letters.retry([], AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect((await letters.list('', 0)).letters).toHaveLength(1);
  });
});
