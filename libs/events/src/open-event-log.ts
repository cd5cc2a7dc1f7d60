import { KafkaEventLog } from './kafka/kafka-event-log.ts';
import type { KafkaOptions } from './kafka/kafka-options.ts';
import { noLines } from './kafka/log-lines.ts';
import type { LogLines } from './kafka/log-lines.ts';
import { openSqliteEventLog } from './open-sqlite-event-log.ts';
import type { EventLog } from './ports.ts';

/** Where a fleet's events go. */
export interface EventLogChoice {
  /** The Kafka cluster of the fleet; undefined = the embedded log. */
  readonly kafka: KafkaOptions | undefined;
  /** The file of the embedded log. */
  readonly file: string;
  /** Who this is, for the cluster's logs and quotas, such as `dialogue-<instance id>`; default `parley`. */
  readonly client?: string;
  /** Where the log tells what is wrong with the cluster; default nowhere. */
  readonly lines?: LogLines;
}

/**
 * Opens the event log that a fleet is configured for: Kafka where brokers are named, else the file. A cluster that does
 * not answer is no error: `health` says so, and everything that needs it waits or fails until it does.
 * @throws ParleyError as `openSqliteEventLog` does.
 */
export function openEventLog({ kafka, file, client, lines }: EventLogChoice): Promise<EventLog> {
  if (kafka === undefined) return Promise.resolve(openSqliteEventLog(file));
  return Promise.resolve(new KafkaEventLog(kafka, client ?? 'parley', lines ?? noLines));
}
