import { ParleyError } from '@parley/kernel';
import type { AliasPointer } from '../models/alias-table.ts';
import type { ModelDefinition } from '../models/model-definition.ts';

/**
 * The name of a model may be switched to quantised forms of that model that passed their gate, and back; nothing else
 * may answer to it. An alias may point anywhere.
 * @throws ParleyError `conflict` that says why not.
 */
export function requireRightToName(
  { alias, configured }: Pick<AliasPointer, 'alias' | 'configured'>,
  { name, lineage }: ModelDefinition,
): void {
  if (configured !== alias || name === alias) return;
  if (lineage?.from !== alias) {
    const message = `"${alias}" is the name of a model, not an alias: only a quantised form of that model may answer to it.`;
    throw new ParleyError('conflict', message, { param: 'alias' });
  }
  if (lineage.passed) return;
  const message = `"${name}" may not answer to the name "${alias}": ${lineage.verdict} Clients can ask for it by its own name.`;
  throw new ParleyError('conflict', message, { param: 'model' });
}
