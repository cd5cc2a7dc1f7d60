import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { DynamicModule, INestApplicationContext, INestMicroservice } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { instance } from '@parley/contracts';
import { authentication } from '@parley/grpc';
import type { ServiceName } from '@parley/telemetry';
import { closeHttpServer } from './close-http-server.ts';
import { FleetGrpcServer } from './fleet-grpc-server.ts';
import { HttpAdapter } from './http-adapter.ts';
import { InstanceController } from './instance-controller.ts';
import { listening } from './listen-fault.ts';
import { NestLogger } from './nest-logger.ts';
import { releaseConnections } from './release-connections.ts';
import { RpcErrorFilter } from './rpc-error-filter.ts';
import type { PublicServer } from './public-server.ts';
import type { ServiceOptions } from './service-options.ts';
import { RUNTIME } from './service-runtime.ts';
import type { ServiceRuntime } from './service-runtime.ts';

/** A Nest application with its servers. */
export interface Application {
  readonly context: INestApplicationContext;
  readonly grpc: FleetGrpcServer;
  /** Listens with every server; @returns the ports of those that not every service has. */
  listen(): Promise<OpenPorts>;
  /** Tells health checks over gRPC. */
  setServing(serving: boolean): void;
  /** Sends clients that keep HTTP connections alive elsewhere; takes `mostMs` at most, and nothing without them. */
  releaseClients(mostMs: number): Promise<void>;
  /** Takes nothing new, lets what runs end for `graceMs`, then cuts it. */
  closeServers(graceMs: number): Promise<void>;
}

/** Ports of the servers beside the fleet's gRPC; undefined where there is none. */
interface OpenPorts {
  readonly httpPort: number | undefined;
  readonly publicPort: number | undefined;
}

const describePath = '/parley.common.v1.Instance/Describe';

/** Builds the modules; nothing listens yet. */
export async function createApplication(
  options: ServiceOptions,
  runtime: ServiceRuntime,
): Promise<Application> {
  const grpc = new FleetGrpcServer({
    host: options.config.host,
    port: options.config.grpcPort,
    services: [...options.grpcServices, instance.InstanceService],
    interceptors: [authentication({ tokens: runtime.tokens, allows: permission(options.allowedCallers) })],
    maxConnectionAgeMs: options.config.maxConnectionAgeMs || undefined,
  });
  const root = rootModule(runtime, await options.module(runtime));
  return options.httpPort === undefined
    ? grpcApplication(options, runtime, root, grpc)
    : hybridApplication(options, runtime, root, grpc, options.httpPort);
}

function permission(allowedCallers: readonly ServiceName[]): (caller: ServiceName, path: string) => boolean {
  return (caller, path) =>
    allowedCallers.includes(caller) || (caller === 'monitoring' && path === describePath);
}

class RuntimeModule {}

class RootModule {}

function rootModule(runtime: ServiceRuntime, service: DynamicModule): DynamicModule {
  const runtimeModule: DynamicModule = {
    module: RuntimeModule,
    global: true,
    providers: [{ provide: RUNTIME, useValue: runtime }],
    exports: [RUNTIME],
  };
  return { module: RootModule, imports: [runtimeModule, service], controllers: [InstanceController] };
}

async function grpcApplication(
  options: ServiceOptions,
  runtime: ServiceRuntime,
  root: DynamicModule,
  grpc: FleetGrpcServer,
): Promise<Application> {
  const application = await NestFactory.createMicroservice(root, { strategy: grpc, ...nestOptions(runtime) });
  application.useGlobalFilters(new RpcErrorFilter(runtime.logger));
  return {
    context: application,
    grpc,
    listen: async () => {
      await listenGrpc(options, application);
      return { httpPort: undefined, publicPort: undefined };
    },
    setServing: (serving) => grpc.health.setServing(serving),
    releaseClients: () => Promise.resolve(),
    closeServers: (graceMs) => grpc.stop(graceMs),
  };
}

async function hybridApplication(
  options: ServiceOptions,
  runtime: ServiceRuntime,
  root: DynamicModule,
  grpc: FleetGrpcServer,
  port: number,
): Promise<Application> {
  const adapter = new HttpAdapter(options.httpOptions ?? {});
  const application = await NestFactory.create<NestFastifyApplication>(root, adapter, nestOptions(runtime));
  await options.configureHttp?.(adapter.fastify, runtime);
  const microservice = application.connectMicroservice({ strategy: grpc }, { inheritAppConfig: false });
  const { host } = options.config;
  const further = publicServerOf(options, application);
  return {
    context: application,
    grpc,
    listen: async () => {
      await application.init();
      await listenGrpc(options, microservice);
      await listening({ host, port, variable: options.httpPortVariable ?? 'PARLEY_PORT' }, () =>
        application.listen(port, host),
      );
      const { port: httpPort } = application.getHttpServer().address() as AddressInfo;
      return { httpPort, publicPort: await further?.listen() };
    },
    setServing: (serving) => {
      grpc.health.setServing(serving);
      further?.setServing(serving);
    },
    releaseClients: (mostMs) => releaseConnections(application.getHttpServer(), mostMs),
    closeServers: async (graceMs) => {
      const closing = closeHttpServer(application.getHttpServer(), graceMs);
      await Promise.all([closing, grpc.stop(graceMs), further?.close(graceMs)]);
    },
  };
}

/** The module's own server, whose failure to listen is told as the others' is. */
function publicServerOf(
  { config, publicServer }: ServiceOptions,
  application: INestApplicationContext,
): PublicServer | undefined {
  if (publicServer === undefined) return undefined;
  const { token, port, variable } = publicServer;
  const server = application.get<PublicServer>(token);
  return {
    listen: () => listening({ host: config.host, port, variable }, () => server.listen()),
    setServing: (serving) => server.setServing(serving),
    close: (graceMs) => server.close(graceMs),
  };
}

async function listenGrpc({ config }: ServiceOptions, microservice: INestMicroservice): Promise<void> {
  const place = { host: config.host, port: config.grpcPort, variable: 'PARLEY_GRPC_PORT' };
  await listening(place, () => microservice.listen());
}

/** Without `abortOnError: false` Nest ends the process itself when a module fails to start. */
function nestOptions(runtime: ServiceRuntime): { logger: NestLogger; abortOnError: false } {
  return { logger: new NestLogger(runtime.logger), abortOnError: false };
}
