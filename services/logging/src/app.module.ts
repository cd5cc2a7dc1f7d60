import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { EraseUserController } from './adapters/inbound/grpc/erase-user.ts';
import { ExportEventsController } from './adapters/inbound/grpc/export-events.ts';
import { ListDeadLettersController } from './adapters/inbound/grpc/list-dead-letters.ts';
import { QueryEventsController } from './adapters/inbound/grpc/query-events.ts';
import { RetryDeadLettersController } from './adapters/inbound/grpc/retry-dead-letters.ts';
import { backgroundProviders } from './background.providers.ts';
import { retentionOf } from './config.ts';
import type { LoggingConfig } from './config.ts';
import { domainProviders } from './domain.providers.ts';
import { storeProviders } from './store.providers.ts';

/** Binds the ports of the logging service to its adapters. */
@Module({})
export class AppModule {
  static register(config: LoggingConfig): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        QueryEventsController,
        ExportEventsController,
        ListDeadLettersController,
        RetryDeadLettersController,
        EraseUserController,
      ],
      providers: [
        ...storeProviders(config),
        ...domainProviders(retentionOf(config.record)),
        ...backgroundProviders,
      ],
    };
  }
}
