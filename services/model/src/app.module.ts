import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ConvertModelController } from './adapters/inbound/grpc/convert-model.ts';
import { CountTokensController } from './adapters/inbound/grpc/count-tokens.ts';
import { EmbedController } from './adapters/inbound/grpc/embed.ts';
import { GenerateController } from './adapters/inbound/grpc/generate.ts';
import { ListModelsController } from './adapters/inbound/grpc/list-models.ts';
import { LoadModelController } from './adapters/inbound/grpc/load-model.ts';
import { QuantizeModelController } from './adapters/inbound/grpc/quantize-model.ts';
import { ReportDocumentsController } from './adapters/inbound/grpc/report-documents.ts';
import { ResolveModelController } from './adapters/inbound/grpc/resolve-model.ts';
import { RollbackAliasController } from './adapters/inbound/grpc/rollback-alias.ts';
import { SwitchAliasController } from './adapters/inbound/grpc/switch-alias.ts';
import { UnloadModelController } from './adapters/inbound/grpc/unload-model.ts';
import type { ConfiguredModels } from './adapters/outbound/config-folder.ts';
import type { ModelServiceConfig } from './config.ts';
import { convertedModelsProvider, convertedStartProvider } from './converted-models.module.ts';
import {
  aliasWaitsProvider,
  erasuresProvider,
  fleetFollowProvider,
  liveModelsProvider,
  modelFleetProvider,
  moveToolsProvider,
  movesProvider,
} from './fleet.providers.ts';
import {
  answersProvider,
  embeddingsProvider,
  enginesProvider,
  firstUseProvider,
  idleProvider,
  registryProvider,
  startedProvider,
} from './models.providers.ts';
import {
  catalogProvider,
  jobsProvider,
  keyedJobsProvider,
  pruneProvider,
  pullControllers,
  pulledModelsProvider,
} from './pulled-models.module.ts';
import {
  quantisedFilesProvider,
  quantisedModelsProvider,
  quantisedStartProvider,
} from './quantised-models.module.ts';
import { controlProvider, eventLogProvider, eventsProvider, stateProvider } from './store.providers.ts';

const controllers = [
  ResolveModelController,
  GenerateController,
  CountTokensController,
  EmbedController,
  ListModelsController,
  LoadModelController,
  UnloadModelController,
  SwitchAliasController,
  RollbackAliasController,
  QuantizeModelController,
  ConvertModelController,
  ReportDocumentsController,
  ...pullControllers,
];

/** Binds the ports of the model service to its adapters. */
@Module({})
export class AppModule {
  static register(config: ModelServiceConfig, models: ConfiguredModels): DynamicModule {
    const { definitions, catalog, evaluations } = models;
    return {
      module: AppModule,
      controllers,
      providers: [
        stateProvider(config),
        eventLogProvider(config),
        eventsProvider,
        controlProvider,
        enginesProvider(config, definitions.length),
        registryProvider(config, definitions),
        idleProvider,
        moveToolsProvider(config),
        modelFleetProvider,
        aliasWaitsProvider,
        movesProvider(config),
        firstUseProvider(config),
        jobsProvider(config),
        keyedJobsProvider,
        pruneProvider(config, catalog),
        catalogProvider(config, catalog),
        pulledModelsProvider,
        quantisedFilesProvider(config),
        quantisedModelsProvider(config, evaluations),
        quantisedStartProvider,
        convertedModelsProvider(config),
        convertedStartProvider,
        startedProvider,
        fleetFollowProvider,
        erasuresProvider,
        liveModelsProvider(config),
        answersProvider,
        embeddingsProvider,
      ],
    };
  }
}
