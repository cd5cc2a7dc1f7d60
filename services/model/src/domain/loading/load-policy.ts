import type { ModelDefinition } from '../models/model-definition.ts';

/** Whether a caller who finds the model out of memory brings it in. */
export function comesOnUse({ load }: ModelDefinition): boolean {
  return load.when === 'first-use' || (load.when === 'start' && load.unload !== undefined);
}
