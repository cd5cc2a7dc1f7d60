/**
 * A member of the group `record` with a short lease; tells its parent the sequence of every record it has handled,
 * until killed. Arguments: path, lease in milliseconds.
 */
import { openSqliteEventLog } from '../../src/open-sqlite-event-log.ts';

const [path = '', leaseMs = '0'] = process.argv.slice(2);

const log = openSqliteEventLog(path, { leaseMs: Number(leaseMs) });
await log.subscribe({
  group: 'record',
  topics: ['test'],
  batchSize: 3,
  onBatch: async (records) => {
    for (const { sequence } of records) process.send?.(sequence);
  },
});
