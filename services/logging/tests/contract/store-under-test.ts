import { afterEach, beforeEach } from 'vitest';
import type { RecordStore } from '../../src/ports/record-store.ts';
import { shortcuts } from './fixture.ts';
import type { OpenRecordStore } from './fixture.ts';

/** A store of its own for each test of the suite that calls this. */
export function storeUnderTest(open: OpenRecordStore): ReturnType<typeof shortcuts> & { store: RecordStore } {
  const current = {} as { store: RecordStore };
  beforeEach(async () => {
    current.store = await open();
  });
  afterEach(() => current.store[Symbol.asyncDispose]());
  return {
    get store() {
      return current.store;
    },
    insert: (...events) => shortcuts(current.store).insert(...events),
    addLetters: (...letters) => shortcuts(current.store).addLetters(...letters),
    idsOf: (filter, bounds) => shortcuts(current.store).idsOf(filter, bounds),
    letterNames: () => shortcuts(current.store).letterNames(),
  };
}
