import { join } from 'node:path';
import { topics } from '@parley/contracts';
import { openEventLog } from '@parley/events';
import type { EventLog, ReceivedRecord } from '@parley/events/ports';
import type { KafkaAddress } from '@parley/testing';
import { eventually } from '../support/test-fleet.ts';
import type { Fault } from './fault.ts';
import type { World } from './world.ts';

const topic = topics.conversation;
const pageSize = 500;
const mostDuplicates = 500;
const consumedWithinMs = 30_000;

/** The newest events of turns are appended to the log a second time; the record must have them once. */
export function duplicates(kafka: KafkaAddress | undefined): Fault {
  let expected = 0;
  return {
    name: 'duplicates',
    covered: true,
    strike: async (world) => {
      const before = await skippedBy(world);
      await using log = await openEventLog({ kafka, file: join(world.fleet.dataDir, 'fleet.db') });
      const again = await newest(log);
      if (again.length === 0) throw new Error('the log has no event that could come twice');
      await log.append(again.map(({ offset: _offset, partition: _partition, ...record }) => record));
      expected = before + again.length;
    },
    settled: async (world) => {
      // The embedded log drops what it knows, so its consumers never see it.
      if (kafka === undefined) return;
      await eventually('logging has met the duplicates', consumedWithinMs, async () =>
        (await skippedBy(world)) >= expected ? true : undefined,
      );
    },
  };
}

async function newest(log: EventLog): Promise<ReceivedRecord[]> {
  let found: ReceivedRecord[] = [];
  for (let after = ''; ;) {
    const { records, next } = await log.read(topic, after, pageSize);
    if (records.length === 0) return found;
    found = [...found, ...records].slice(-mostDuplicates);
    after = next;
  }
}

/** How many events logging has met a second time, over all its instances. */
async function skippedBy(world: World): Promise<number> {
  const counts = world.telemetryUrls('logging').map(async (url) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    const lines = text.matchAll(/^parley_logging_events_total\{[^}]*outcome="duplicate"[^}]*\} (\d+)$/gm);
    return Array.from(lines, ([, count]) => Number(count));
  });
  return (await Promise.all(counts)).flat().reduce((sum, count) => sum + count, 0);
}
