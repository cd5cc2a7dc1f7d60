import { ParleyError } from '@parley/kernel';
import type { Engine, LoadedModel, ModelSpec } from '../../../ports/engine.ts';
import type { LoadOptions } from '../../../ports/load-progress.ts';
import { SimulatedModel } from './simulated-model.ts';
import { simulatedSettingsSchema } from './simulated-settings-schema.ts';

/** Makes up answers at a set pace, for tests of load: no weights, no native code, hardly any memory. */
export class SimulatedEngine implements Engine {
  readonly name = 'simulated';
  readonly version = '1';
  readonly embeds = true;

  async load(spec: ModelSpec, { signal }: LoadOptions): Promise<LoadedModel> {
    signal.throwIfAborted();
    const settings = simulatedSettingsSchema.safeParse(spec.settings);
    if (settings.success) return new SimulatedModel(spec, settings.data);
    const message = `The settings of model "${spec.name}" are not the simulated engine's: ${settings.error.message}`;
    throw new ParleyError('config_invalid', message);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
