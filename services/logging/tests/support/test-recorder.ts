import { terminalTurnEventTypes, turnEventTypes, userEventTypes, userKey } from '@parley/contracts';
import { systemClock } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import { RecordInspector } from '../../src/domain/record-inspector.ts';
import { RecordReader } from '../../src/domain/record-reader.ts';
import { Recorder } from '../../src/domain/recorder.ts';
import { FakeRecordEvents } from '../../src/ports/fake-record-events.ts';
import type { RecordStore } from '../../src/ports/record-store.ts';

/** The inspection as the service does it. */
export const testInspector = new RecordInspector({
  turnTypes: Object.values(turnEventTypes),
  terminalTypes: terminalTurnEventTypes,
  erasureType: userEventTypes.erased,
  userKey,
});

/** A recorder on a store, as the service has one. */
export function recorderOn(store: RecordStore, clock: Clock = systemClock) {
  const events = new FakeRecordEvents();
  return { events, recorder: new Recorder(testInspector, store, events, clock) };
}

/** The ids of all events, in the order of recording. */
export async function recordedIds(store: RecordStore): Promise<string[]> {
  const ids: string[] = [];
  for await (const { events } of new RecordReader(store, systemClock).pages({}))
    ids.push(...events.map(({ id }) => id));
  return ids;
}
