/**
 * Records batches from Kafka into PostgreSQL as the service does, and dies as soon as a batch is durable: the group's
 * place has not moved then. Arguments: the environment as JSON, batches to finish before that.
 */
import { kafkaTargetOf, postgresTargetOf } from '@parley/config';
import { topics } from '@parley/contracts';
import { openEventLog } from '@parley/events';
import { openPostgresRecordStore } from '../../src/adapters/outbound/postgres/postgres-record-store.ts';
import { readConfig } from '../../src/config.ts';
import { recorderOn } from './test-recorder.ts';

const [environment = '{}', before = '0'] = process.argv.slice(2);
const config = readConfig(JSON.parse(environment) as NodeJS.ProcessEnv);
const target = postgresTargetOf(config.postgres);
if (target === undefined) throw new Error('there is no PostgreSQL');
const { store } = await openPostgresRecordStore(target);
const log = await openEventLog({ kafka: kafkaTargetOf(config.kafka), file: ':memory:' });
const { recorder } = recorderOn(store);
let batches = 0;
await log.subscribe({
  group: 'logging',
  topics: Object.values(topics),
  batchSize: 50,
  onBatch: async (records) => {
    await recorder.record(records);
    if (batches++ >= Number(before)) process.kill(process.pid, 'SIGKILL');
  },
});
