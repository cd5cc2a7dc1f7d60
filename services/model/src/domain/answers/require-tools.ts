import { ParleyError } from '@parley/kernel';
import type { EngineAbilities } from '../../ports/engine.ts';
import type { KnownModel } from '../models/known-model.ts';

/**
 * Refuses functions for a model that calls none.
 * @param models those of this installation, to name the ones that can
 * @throws ParleyError `unsupported`
 */
export function requireTools(
  model: string,
  abilities: Pick<EngineAbilities, 'tools'>,
  models: readonly KnownModel[] = [],
): void {
  if (abilities.tools) return;
  const able = models.filter(callsTools).map(({ name }) => name);
  const others = able.length === 0 ? '' : ` Models that can: ${able.join(', ')}.`;
  const message = `Model "${model}" cannot call functions; leave "tools" out, or ask another model.${others}`;
  throw new ParleyError('unsupported', message, { param: 'tools' });
}

function callsTools({ slot }: KnownModel): boolean {
  return slot?.state.phase === 'ready' && slot.ready().abilities.tools;
}
