import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';

/** A gRPC server of a test: it can vanish as a killed process does, and come back on the same port. */
export class GrpcPeer implements AsyncDisposable {
  readonly #services: readonly [ServiceDefinition, UntypedServiceImplementation][];
  #server: Server | undefined;
  #port = 0;

  constructor(services: readonly [ServiceDefinition, UntypedServiceImplementation][]) {
    this.#services = services;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async listen(): Promise<this> {
    const server = new Server();
    for (const [definition, implementation] of this.#services) server.addService(definition, implementation);
    this.#port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(this.address, ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
    this.#server = server;
    return this;
  }

  /** Cuts every connection, as the death of a process does. */
  kill(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await Promise.resolve();
  }
}
