import { inference, modelAdmin } from '@parley/contracts';
import type { ServiceOptions } from '@parley/nest';
import { engineNames } from './adapters/outbound/engines.ts';
import { readModelDocuments } from './adapters/outbound/model-documents.ts';
import { AppModule } from './app.module.ts';
import type { ModelServiceConfig } from './config.ts';

/** The model service as it is run. @throws DocumentError with every fault of the model documents. */
export function modelService(config: ModelServiceConfig): ServiceOptions {
  const definitions = readModelDocuments(config.service.configDir, config.models.cacheDir, engineNames);
  return {
    name: 'model',
    config: config.service,
    allowedCallers: ['gateway', 'dialogue', 'monitoring'],
    grpcServices: [inference.InferenceService, modelAdmin.ModelAdminService],
    module: () => AppModule.register(config, definitions),
  };
}
