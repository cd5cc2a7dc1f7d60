import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { turnEventTypes } from '@parley/contracts';
import { modelEvent, received, someDayMs, turnEvent } from '../../tests/support/records.ts';
import { openSqliteRecordStore } from '../adapters/outbound/sqlite/sqlite-record-store.ts';
import { recorderOn } from '../../tests/support/test-recorder.ts';
import type { FakeRecordEvents } from '../ports/fake-record-events.ts';
import type { RecordStore } from '../ports/record-store.ts';
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

  it('tells nothing about a batch that could not be written', async () => {
    await store[Symbol.asyncDispose]();
    await expect(recorder.record(received(turnEvent('resp_1')))).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(events.lines).toEqual([]);
  });
});
