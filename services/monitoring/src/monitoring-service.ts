import { fleet } from '@parley/contracts';
import type { ServiceOptions } from '@parley/nest';
import { AppModule } from './app.module.ts';
import type { MonitoringConfig } from './config.ts';

/** The monitoring service as it is run. */
export function monitoringService(config: MonitoringConfig): ServiceOptions {
  return {
    name: 'monitoring',
    config: config.service,
    allowedCallers: ['gateway'],
    grpcServices: [fleet.FleetService],
    module: () => AppModule.register(config),
  };
}
