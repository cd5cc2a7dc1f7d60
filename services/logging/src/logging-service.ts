import { record } from '@parley/contracts';
import type { ServiceOptions } from '@parley/nest';
import { AppModule } from './app.module.ts';
import type { LoggingConfig } from './config.ts';

/** The logging service as it is run. */
export function loggingService(config: LoggingConfig): ServiceOptions {
  return {
    name: 'logging',
    config: config.service,
    allowedCallers: ['gateway', 'dialogue', 'monitoring'],
    grpcServices: [record.RecordService],
    module: () => AppModule.register(config),
  };
}
