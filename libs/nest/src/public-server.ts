/**
 * A server that a service's module provides beside HTTP and the fleet's gRPC, such as a public gRPC API. It listens
 * and closes with them, and its health follows the service's readiness.
 */
export interface PublicServer {
  /** @returns the port, of interest when any free one was asked for. Rejects when it cannot be had. */
  listen(): Promise<number>;
  setServing(serving: boolean): void;
  /** Takes nothing new, lets what runs end for `graceMs`, then cuts it. */
  close(graceMs: number): Promise<void>;
}

/** Which provider of the module is a public server, and where it listens. */
export interface PublicServerOptions {
  /** The provider's injection token. */
  readonly token: symbol;
  /** It listens on `config.host` and this port; 0 = any free one. */
  readonly port: number;
  /** The variable that sets the port, for messages. */
  readonly variable: string;
}
