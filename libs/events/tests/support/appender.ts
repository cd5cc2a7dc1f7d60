/**
 * A relay in small: appends records of its own key to the log given, two at a time, and each of them twice as after
 * an answer that got lost. Arguments: path, key, number of records.
 */
import { newUuid } from '@parley/kernel';
import { openSqliteEventLog } from '../../src/open-sqlite-event-log.ts';
import type { EventRecord } from '../../src/ports.ts';

const [path = '', key = '', count = '0'] = process.argv.slice(2);

function record(sequence: number): EventRecord {
  const common = { type: 'test', source: `/${key}`, topic: 'test', subject: key, tenant: 'acme', data: '{}' };
  return { ...common, id: newUuid(), key, sequence, occurredAtMs: Date.now() };
}

await using log = openSqliteEventLog(path);
for (let sequence = 0; sequence < Number(count); sequence += 2) {
  const records = [record(sequence), record(sequence + 1)];
  await Promise.all([log.append(records), log.append(records)]);
}
process.disconnect();
