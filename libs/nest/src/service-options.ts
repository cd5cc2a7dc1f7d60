import type { ServiceDefinition } from '@grpc/grpc-js';
import type { DynamicModule } from '@nestjs/common';
import type { ServiceSection } from '@parley/config';
import type { ServiceName } from '@parley/telemetry';
import type { Fastify, FastifyOptions } from './http-adapter.ts';
import type { PublicServerOptions } from './public-server.ts';
import type { ServiceRuntime } from './service-runtime.ts';

/** What makes a service out of a module. */
export interface ServiceOptions {
  readonly name: ServiceName;
  readonly config: ServiceSection;
  /** Who may call this service's own methods; monitoring may always call Instance.Describe. */
  readonly allowedCallers: readonly ServiceName[];
  /** Generated definitions, such as `dialogue.TurnsService`. */
  readonly grpcServices: readonly ServiceDefinition[];
  readonly module: (runtime: ServiceRuntime) => DynamicModule | Promise<DynamicModule>;
  /** Serves HTTP on `config.host` and this port too; 0 = any free one. */
  readonly httpPort?: number;
  /** The variable that sets `httpPort`, for messages; default `PARLEY_PORT`. */
  readonly httpPortVariable?: string;
  readonly httpOptions?: FastifyOptions;
  /** A further server, which the module provides. */
  readonly publicServer?: PublicServerOptions;
  /** Hooks, parsers and raw routes, before Nest adds its own. */
  readonly configureHttp?: (fastify: Fastify, runtime: ServiceRuntime) => void | Promise<void>;
}
