import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { turnEventTypes } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import { modelEvent, received, someDayMs, turnEvent } from '../../tests/support/records.ts';
import { openSqliteRecordStore } from '../adapters/outbound/sqlite/sqlite-record-store.ts';
import { recorderOn } from '../../tests/support/test-recorder.ts';
import type { FakeRecordEvents } from '../ports/fake-record-events.ts';
import type { RecordStore, RecordTransaction } from '../ports/record-store.ts';
import { RecordReader } from './record-reader.ts';
import type { Recorder } from './recorder.ts';

const clock = { now: () => someDayMs };
let store: RecordStore;
let events: FakeRecordEvents;
let recorder: Recorder;

beforeEach(() => {
  store = openSqliteRecordStore(':memory:');
  ({ events, recorder } = recorderOn(store, clock));
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
});

async function recordedIds(): Promise<string[]> {
  const answer = await new RecordReader(store, clock).query({ filter: {}, after: '', limit: 1000 });
  return answer.events.map((event) => event.id);
}

describe('the recorder', () => {
  it('records a batch in its order', async () => {
    const batch = [
      turnEvent('resp_1', turnEventTypes.accepted),
      turnEvent('resp_1'),
      modelEvent('parley-tiny'),
    ];
    await recorder.record(received(...batch));
    expect(await recordedIds()).toEqual(batch.map((event) => event.id));
  });

  it('records nothing twice when a batch comes again', async () => {
    const batch = received(
      turnEvent('resp_1'),
      turnEvent('resp_2', turnEventTypes.failed, { data: 'no json' }),
    );
    await recorder.record(batch);
    const told = [...events.lines];
    await recorder.record(batch);
    expect(await recordedIds()).toEqual([batch[0]?.id]);
    expect(told).toEqual([`stored ${batch[0]?.id}`, `dead ${batch[1]?.id} payload_not_json`]);
    expect(events.lines.slice(told.length)).toEqual([`duplicate ${batch[0]?.id}`]);
  });

  it('sets a second terminal event of a turn aside and goes on', async () => {
    const first = turnEvent('resp_1');
    const second = turnEvent('resp_1', turnEventTypes.incomplete);
    const other = turnEvent('resp_2');
    await recorder.record(received(first));
    await recorder.record(received(second, other));
    expect(await recordedIds()).toEqual([first.id, other.id]);
    expect(events.lines).toContain(`dead ${second.id} second_terminal_event`);
  });

  it('is not held up by a malformed payload', async () => {
    const good = turnEvent('resp_1');
    await recorder.record(received(turnEvent('resp_0', turnEventTypes.completed, { data: '{' }), good));
    expect(await recordedIds()).toEqual([good.id]);
  });

  it('does nothing for an empty batch', async () => {
    await recorder.record([]);
    expect(events.lines).toEqual([]);
  });

  it('writes batches that come at the same time together, each event once', async () => {
    let writes = 0;
    const counted: RecordStore = Object.create(store, {
      write: { value: (work: Parameters<RecordStore['write']>[0]) => (writes++, store.write(work)) },
    });
    ({ events, recorder } = recorderOn(counted, clock));
    const batches = Array.from({ length: 5 }, (_, n) => received(turnEvent(`resp_${n}`)));
    const again = batches[1] ?? [];
    await Promise.all([...batches, again].map((batch) => recorder.record(batch)));
    expect(await recordedIds()).toEqual(batches.flat().map(({ id }) => id));
    expect(events.lines.filter((line) => line.startsWith('duplicate'))).toEqual([
      `duplicate ${again[0]?.id}`,
    ]);
    expect(writes).toBe(2);
  });

  it('sets nothing aside but what the store refuses, whatever it was written with', async () => {
    const picky: RecordStore = Object.create(store, {
      write: {
        value: <T>(work: (transaction: RecordTransaction) => Promise<T>) =>
          store.write((transaction) => work(refusing(transaction, 'poison'))),
      },
    });
    ({ events, recorder } = recorderOn(picky, clock));
    const good = Array.from({ length: 4 }, (_, n) => turnEvent(`resp_${n}`));
    const poison = turnEvent('resp_x', undefined, { id: 'poison' });
    const batches = [good.slice(0, 1), [...good.slice(1, 3), poison], good.slice(3)];
    await Promise.all(batches.map((batch) => recorder.record(received(...batch))));
    expect((await recordedIds()).toSorted()).toEqual(good.map(({ id }) => id).toSorted());
    expect(events.lines.filter((line) => line.startsWith('dead'))).toEqual(['dead poison store_refused']);
  });

  it('tells nothing about a batch that could not be written', async () => {
    await store[Symbol.asyncDispose]();
    await expect(recorder.record(received(turnEvent('resp_1')))).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(events.lines).toEqual([]);
  });
});

/** A transaction that never takes one event, as a database does that finds fault with its content. */
function refusing(transaction: RecordTransaction, id: string): RecordTransaction {
  return {
    letters: transaction.letters,
    erasures: transaction.erasures,
    knownEvents: (keys) => transaction.knownEvents(keys),
    endedTurns: (turnIds) => transaction.endedTurns(turnIds),
    insertEvents: (batch, recordedAtMs) =>
      batch.some((event) => event.id === id)
        ? Promise.reject(new ParleyError('invalid_request', 'The record store takes no such content.'))
        : transaction.insertEvents(batch, recordedAtMs),
  };
}
