export { openSqliteEventLog } from './open-sqlite-event-log.ts';
export type { SqliteEventLogOptions } from './open-sqlite-event-log.ts';
