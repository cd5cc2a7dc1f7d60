import type { ModelSpec } from '../ports/engine.ts';
import type { ModelDefinition } from './model-definition.ts';

/** What an engine is told about a model that it is to open. */
export function modelSpec(
  definition: ModelDefinition,
  promptTokensPerStep: number,
  proven: boolean,
): ModelSpec {
  const { name, path, settings = {}, contextTokens, slots, maxQueued, profile } = definition;
  const { template, systemRole } = profile;
  return {
    name,
    path,
    settings,
    proven,
    contextTokens,
    slots,
    maxQueued,
    systemRole,
    promptTokensPerStep,
    ...(template === undefined ? {} : { template }),
  };
}
