import type { Jobs } from '@parley/jobs';
import type { AliasPointer } from '../../domain/models/alias-table.ts';

/**
 * Orders a switch because a document has changed. Every instance that sees the change orders it; those that come while
 * it is carried out get the same job, and those that come later find the alias moved.
 */
export async function orderSwitch(jobs: Jobs, { alias, configured, document }: AliasPointer): Promise<void> {
  await jobs.start('switch', alias, { alias, model: configured, document }, { share: true });
}
