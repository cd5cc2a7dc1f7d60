export { openSqliteState } from './open-sqlite-state.ts';
export type { SqliteStateOptions } from './open-sqlite-state.ts';
