import type { ModelSpec } from '../../ports/engine.ts';
import type { ModelDefinition } from './model-definition.ts';

/** What an engine is told about a model that it is to open. */
export function modelSpec(
  definition: ModelDefinition,
  promptTokensPerStep: number,
  proven: boolean,
): ModelSpec {
  const { name, path, settings = {}, contextTokens, slots, maxQueued, profile, load } = definition;
  const { memoryBytes: _cap, ...gpuSettings } = definition.gpu ?? {};
  const gpu = definition.gpu === undefined ? undefined : gpuSettings;
  const { template, systemRole, toolCalls, reasoning } = profile;
  return {
    name,
    path,
    settings,
    proven,
    contextTokens,
    slots,
    maxQueued,
    ...(definition.queue === undefined ? {} : { queue: definition.queue }),
    systemRole,
    promptTokensPerStep,
    ...(load.mmap === undefined ? {} : { mmap: load.mmap }),
    ...(gpu === undefined ? {} : { gpu }),
    ...(template === undefined ? {} : { template }),
    ...(toolCalls === undefined ? {} : { toolCalls }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}
