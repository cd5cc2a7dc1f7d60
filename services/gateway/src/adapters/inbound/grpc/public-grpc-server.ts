import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { publicDescriptors } from '@parley/contracts';
import { createHealthService, serverChannelOptions } from '@parley/grpc';
import type { HealthService } from '@parley/grpc';
import type { PublicServer } from '@parley/nest';
import type { GatewayEvents } from '../../../ports/gateway-events.ts';
import type { ApiKeys } from '../api-keys.ts';
import { assistantDefinition } from './assistant-definition.ts';
import type { AssistantHandlers } from './assistant-handlers.ts';
import { apiKeyInterceptor } from './call-identity.ts';

/** The provider that @parley/nest opens and closes together with the service's other servers. */
export const PUBLIC_GRPC = Symbol('PUBLIC_GRPC');

export interface PublicGrpcOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly maxMessageBytes: number;
}

/**
 * The public gRPC API on a port of its own. A plain grpc-js server and no second Nest microservice: in Nest's hybrid
 * applications a microservice runs without the filters that turn errors into statuses, its streams know no
 * backpressure, and every provider would be seen by both the public and the fleet's server.
 */
export class PublicGrpcServer implements PublicServer {
  readonly #options: PublicGrpcOptions;
  readonly #server: Server;
  readonly #health: HealthService = createHealthService();

  constructor(handlers: AssistantHandlers, keys: ApiKeys, events: GatewayEvents, options: PublicGrpcOptions) {
    this.#options = options;
    const interceptors = [apiKeyInterceptor(keys, (error) => events.refused(error))];
    this.#server = new Server({
      ...serverChannelOptions({ interceptors }),
      'grpc.max_receive_message_length': options.maxMessageBytes,
    });
    const { chat, attach, cancel, listModels } = handlers;
    this.#server.addService(assistantDefinition, { chat, attach, cancel, listModels });
    this.#health.addToServer(this.#server);
    reflection().addToServer(this.#server);
  }

  async listen(): Promise<number> {
    const { host, port } = this.#options;
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
  }

  setServing(serving: boolean): void {
    this.#health.setServing(serving);
  }

  async close(graceMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.#server.forceShutdown();
  }
}

/** It wants a package as proto-loader makes it, and of that reads nothing but the descriptors. */
function reflection(): ReflectionService {
  const fileDescriptorProtos = publicDescriptors().map((file) => Buffer.from(file));
  const root = { assistant: { format: '', type: {}, fileDescriptorProtos } };
  return new ReflectionService(root as unknown as ConstructorParameters<typeof ReflectionService>[0]);
}
