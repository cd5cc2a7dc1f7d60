import { documents, inference, modelAdmin } from '@parley/contracts';
import type { ServiceOptions } from '@parley/nest';
import { readConfigFolder } from './adapters/outbound/config-folder.ts';
import { AppModule } from './app.module.ts';
import type { ModelServiceConfig } from './config.ts';

/** The model service as it is run. Its start fails with every fault of the model documents. */
export function modelService(config: ModelServiceConfig): ServiceOptions {
  const { configDir } = config.service;
  return {
    name: 'model',
    config: config.service,
    allowedCallers: ['gateway', 'dialogue', 'monitoring'],
    grpcServices: [inference.InferenceService, modelAdmin.ModelAdminService, documents.DocumentsService],
    module: async () =>
      AppModule.register(config, await readConfigFolder({ configDir, cacheDir: config.models.cacheDir })),
  };
}
