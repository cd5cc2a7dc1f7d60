import type { ServiceOptions } from '@parley/nest';
import { httpOptions } from './adapters/inbound/http/http-options.ts';
import { AppModule } from './app.module.ts';
import type { GatewayConfig } from './config.ts';

/** The gateway as a service: public HTTP, and internally only what every service answers. */
export function gatewayService(config: GatewayConfig): ServiceOptions {
  return {
    name: 'gateway',
    config: config.service,
    allowedCallers: [],
    grpcServices: [],
    module: (runtime) => AppModule.register(config, runtime),
    httpPort: config.http.port,
    httpOptions,
  };
}
