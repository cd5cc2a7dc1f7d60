import { newUuid } from '@parley/kernel';
import type { EventLogFixture } from '@parley/testing';
import { KafkaEventLog } from '../../src/kafka/kafka-event-log.ts';
import type { KafkaSeams } from '../../src/kafka/kafka-event-log.ts';
import type { KafkaOptions } from '../../src/kafka/kafka-options.ts';
import type { EventLog } from '../../src/ports.ts';
import { CollectedLines } from './collected-lines.ts';

/** Several partitions, so that keys are spread; few, because every test has topics of its own. */
const topics = { partitions: 3 };

/** An event log on Kafka, and what it is made of. */
export interface KafkaFixture extends Required<EventLogFixture> {
  readonly log: KafkaEventLog;
  readonly options: KafkaOptions;
  readonly lines: CollectedLines;
}

/** An event log whose topics and groups nobody else has: as good as a cluster of its own. */
export async function openKafkaFixture(options: KafkaOptions, seams: KafkaSeams = {}): Promise<KafkaFixture> {
  const opened: EventLog[] = [];
  const own = { topics, topicPrefix: `test-${newUuid()}.`, ...options };
  const lines = new CollectedLines();
  const open = (): KafkaEventLog => {
    const log = new KafkaEventLog(own, 'test', lines, seams);
    opened.push(log);
    return log;
  };
  return {
    log: open(),
    connect: () => Promise.resolve(open()),
    options: own,
    lines,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((log) => log[Symbol.asyncDispose]()));
    },
  };
}
