import type { ServiceOptions } from '@parley/nest';
import { PUBLIC_GRPC } from './adapters/inbound/grpc/public-grpc-server.ts';
import { httpOptions } from './adapters/inbound/http/http-options.ts';
import { AppModule } from './app.module.ts';
import type { GatewayConfig } from './config.ts';

/** The gateway as a service: public HTTP and gRPC, and internally only what every service answers. */
export function gatewayService(config: GatewayConfig): ServiceOptions {
  return {
    name: 'gateway',
    config: config.service,
    allowedCallers: [],
    grpcServices: [],
    module: (runtime) => AppModule.register(config, runtime),
    httpPort: config.http.port,
    httpOptions,
    publicServer: {
      token: PUBLIC_GRPC,
      port: config.publicGrpc.port,
      variable: 'PARLEY_PUBLIC_GRPC_PORT',
    },
  };
}
