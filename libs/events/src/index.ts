export { openEventLog } from './open-event-log.ts';
export type { EventLogChoice } from './open-event-log.ts';
export { openSqliteEventLog } from './open-sqlite-event-log.ts';
export type { SqliteEventLogOptions } from './open-sqlite-event-log.ts';
export type { KafkaLogin, KafkaOptions, KafkaTopicOptions } from './kafka/kafka-options.ts';
export type { LogLines } from './kafka/log-lines.ts';
