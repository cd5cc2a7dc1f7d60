import { join } from 'node:path';
import { eventLogContract, temporaryFolder } from '@parley/testing';
import type { EventLogFixture } from '@parley/testing';
import type { EventLog } from '../src/ports.ts';
import { openSqliteEventLog } from '../src/open-sqlite-event-log.ts';

async function openInMemory(): Promise<EventLogFixture> {
  const log = openSqliteEventLog(':memory:');
  return { log, [Symbol.asyncDispose]: () => log[Symbol.asyncDispose]() };
}

async function openFile(): Promise<EventLogFixture> {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'fleet.db');
  const opened: EventLog[] = [];
  const connect = async (): Promise<EventLog> => {
    const log = openSqliteEventLog(path);
    opened.push(log);
    return log;
  };
  return {
    log: await connect(),
    connect,
    [Symbol.asyncDispose]: async () => {
      for (const log of opened) await log[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

eventLogContract('SQLite in memory', openInMemory);
eventLogContract('SQLite in a file', openFile);
