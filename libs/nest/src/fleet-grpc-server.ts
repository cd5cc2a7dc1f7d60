import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServerOptions } from '@grpc/grpc-js';
import { ServerGrpc } from '@nestjs/microservices';
import { createHealthService, nestPackages, serverChannelOptions } from '@parley/grpc';
import type { HealthService } from '@parley/grpc';
import type { ServerInterceptor, ServiceDefinition } from '@grpc/grpc-js';

/** What the gRPC server of a service needs. */
export interface FleetGrpcServerOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly services: readonly ServiceDefinition[];
  readonly interceptors: readonly ServerInterceptor[];
  readonly maxConnectionAgeMs?: number | undefined;
}

/**
 * Nest's gRPC transport for generated services: it knows the port it got, serves grpc.health.v1, and closes
 * gracefully within a time.
 */
export class FleetGrpcServer extends ServerGrpc {
  readonly health: HealthService = createHealthService();
  readonly #address: string;
  readonly #serverOptions: ServerOptions;
  #server: Server | undefined;
  #port = 0;

  constructor(options: FleetGrpcServerOptions) {
    super(nestPackages(options.services));
    this.#address = options.host.includes(':')
      ? `[${options.host}]:${options.port}`
      : `${options.host}:${options.port}`;
    const { interceptors, maxConnectionAgeMs } = options;
    this.#serverOptions = serverChannelOptions({
      interceptors,
      ...(maxConnectionAgeMs === undefined ? {} : { maxConnectionAgeMs }),
    });
  }

  /** The port that it listens on, once it does. */
  get port(): number {
    return this.#port;
  }

  override async createClient(): Promise<Server> {
    const server = new Server(this.#serverOptions);
    this.health.addToServer(server);
    this.#port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(this.#address, ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
    this.#server = server;
    return server;
  }

  /** Takes no new calls, lets running ones end for `graceMs`, then cuts them. */
  async stop(graceMs: number): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    server.forceShutdown();
  }
}
