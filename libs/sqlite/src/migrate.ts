import type { DatabaseSync } from 'node:sqlite';
import { ParleyError } from '@parley/kernel';
import { retryWhileBusySync } from './busy.ts';
import { integerOf } from './row.ts';

/** One step of a layout: `sql` leads from the version before to `version`. Versions start at 1. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/**
 * Brings the layout of one component's tables to the newest version of `migrations`; all steps in one transaction,
 * safe when several processes do it at once. A database one version newer is accepted, so that the processes of a
 * rolling update work together; a change of layout must therefore suit the code before it.
 * @param component whose tables these are; several components can live in one file.
 * @throws ParleyError `config_invalid` when the database is newer than that; `unavailable` when it stays locked 5 s.
 */
export function migrate(db: DatabaseSync, migrations: readonly Migration[], component = 'main'): void {
  const steps = migrations.toSorted((a, b) => a.version - b.version);
  const newest = steps.at(-1)?.version ?? 0;
  if (
    checkVersion(
      retryWhileBusySync(() => versionOf(db, component)),
      newest,
      component,
    )
  )
    return;
  retryWhileBusySync(() => db.exec('BEGIN IMMEDIATE'));
  try {
    db.exec(
      'CREATE TABLE IF NOT EXISTS layout_versions (component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT',
    );
    const from = versionOf(db, component);
    if (!checkVersion(from, newest, component)) {
      for (const step of steps) if (step.version > from) db.exec(step.sql);
      db.prepare('INSERT OR REPLACE INTO layout_versions (component, version) VALUES (?, ?)').run(
        component,
        newest,
      );
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Whether nothing is left to do. */
function checkVersion(found: number, newest: number, component: string): boolean {
  if (found > newest + 1) {
    const message =
      `The data folder has layout ${found} of ${component}; this program knows ${newest}. ` +
      'Run a newer program on it, or choose another data folder.';
    throw new ParleyError('config_invalid', message, { details: { component, found, newest } });
  }
  return found >= newest;
}

function versionOf(db: DatabaseSync, component: string): number {
  const table = db
    .prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'layout_versions'")
    .get();
  if (table === undefined) return 0;
  const row = db.prepare('SELECT version FROM layout_versions WHERE component = ?').get(component);
  return row === undefined ? 0 : integerOf(row, 'version');
}
