import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import { Secret } from '@parley/config';
import { fleet } from '@parley/contracts';
import {
  FleetTokens,
  authentication,
  createGrpcClient,
  errorStatus,
  serverChannelOptions,
} from '@parley/grpc';
import type { TenantContext } from '@parley/kernel';
import type { ServiceName } from '@parley/telemetry';

export const secrets = [new Secret('s'.repeat(43))];
export const tenant: TenantContext = {
  tenant: 'acme',
  role: 'tenant-admin',
  keyId: 'key-1',
  requestId: 'req-1',
};

export type GetCall = ServerUnaryCall<fleet.GetFleetRequest, fleet.FleetStatus>;
export type WatchCall = ServerWritableStream<fleet.WatchFleetRequest, fleet.FleetStatus>;

export interface Handlers {
  readonly get?: (call: GetCall) => Promise<fleet.FleetStatus>;
  readonly watch?: (call: WatchCall) => void;
}

/** A message whose only instance has the given text as its reason. */
export function message(reason: string): fleet.FleetStatus {
  return fleet.FleetStatus.fromPartial({ instances: [{ reason }] });
}

export function reasonOf(status: fleet.FleetStatus): string {
  return status.instances[0]?.reason ?? '';
}

async function answer(
  handlers: Handlers,
  call: GetCall,
  done: sendUnaryData<fleet.FleetStatus>,
): Promise<void> {
  try {
    done(null, (await handlers.get?.(call)) ?? message('hello'));
  } catch (error) {
    done(errorStatus(error));
  }
}

/** A grpc-js server of the Fleet service that gateway and logging may call. */
export class FleetServer implements AsyncDisposable {
  readonly #server: Server;
  port = 0;

  constructor(handlers: Handlers) {
    const tokens = new FleetTokens(secrets, 'monitoring');
    const allows = (caller: ServiceName): boolean => caller === 'gateway' || caller === 'logging';
    this.#server = new Server(serverChannelOptions({ interceptors: [authentication({ tokens, allows })] }));
    this.#server.addService(fleet.FleetService, {
      getFleet: (call: GetCall, done: sendUnaryData<fleet.FleetStatus>) => void answer(handlers, call, done),
      watchFleet: (call: WatchCall) => (handlers.watch ?? ((stream) => stream.end()))(call),
    });
  }

  async listen(port = 0): Promise<this> {
    this.port = await new Promise((resolve, reject) => {
      this.#server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    return this;
  }

  /** Cuts everything, as a killed process does. */
  kill(): void {
    this.#server.forceShutdown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    return Promise.resolve();
  }
}

export interface ClientChoices {
  readonly self?: ServiceName;
  readonly secrets?: readonly Secret[];
  readonly timeoutMs?: number;
}

/** A client that is closed at the end of the test's block. */
export class FleetClient implements Disposable {
  readonly raw: fleet.FleetClient;

  constructor(servers: readonly { readonly port: number }[], choices: ClientChoices = {}) {
    this.raw = createGrpcClient(fleet.FleetClient, {
      addresses: servers.map(({ port }) => `127.0.0.1:${port}`),
      tokens: new FleetTokens(choices.secrets ?? secrets, choices.self ?? 'gateway'),
      ...(choices.timeoutMs === undefined ? {} : { timeoutMs: choices.timeoutMs }),
    });
  }

  get getFleet(): fleet.FleetClient['getFleet'] {
    return this.raw.getFleet.bind(this.raw);
  }

  get watchFleet(): fleet.FleetClient['watchFleet'] {
    return this.raw.watchFleet.bind(this.raw);
  }

  [Symbol.dispose](): void {
    this.raw.close();
  }
}
