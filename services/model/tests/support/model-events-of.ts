import { join } from 'node:path';
import { topics } from '@parley/contracts';
import { openSqliteEventLog } from '@parley/events';
import type { ReceivedRecord } from '@parley/events/ports';

/** The model events that were published in a data folder. */
export async function modelEventsOf(dataDir: string): Promise<readonly ReceivedRecord[]> {
  const log = openSqliteEventLog(join(dataDir, 'fleet.db'));
  try {
    return (await log.read(topics.model, '', 1000)).records;
  } finally {
    await log[Symbol.asyncDispose]();
  }
}
