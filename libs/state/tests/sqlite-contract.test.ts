import { join } from 'node:path';
import { stateStoreContract, temporaryFolder } from '@parley/testing';
import type { OutboxBounds, StateStoreFixture } from '@parley/testing';
import type { StateStore } from '../src/ports.ts';
import { openSqliteState } from '../src/open-sqlite-state.ts';

async function openInMemory(bounds?: OutboxBounds): Promise<StateStoreFixture> {
  const store = openSqliteState(':memory:', bounds);
  return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

async function openFile(bounds?: OutboxBounds): Promise<StateStoreFixture> {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'fleet.db');
  const opened: StateStore[] = [];
  const connect = async (): Promise<StateStore> => {
    const store = openSqliteState(path, bounds);
    opened.push(store);
    return store;
  };
  return {
    store: await connect(),
    connect,
    [Symbol.asyncDispose]: async () => {
      for (const store of opened) await store[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

stateStoreContract('SQLite in memory', openInMemory);
stateStoreContract('SQLite in a file', openFile);
