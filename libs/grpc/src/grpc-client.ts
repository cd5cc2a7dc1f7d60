import { InterceptingCall, credentials } from '@grpc/grpc-js';
import type {
  ChannelCredentials,
  ChannelOptions,
  Client,
  Interceptor,
  InterceptorOptions,
  ServiceDefinition,
} from '@grpc/grpc-js';
import { clientChannelOptions } from './channel-options.ts';
import type { FleetTokens } from './fleet-tokens.ts';
import { metadataKeys } from './metadata-keys.ts';
import { tenantOption } from './outgoing.ts';
import type { FleetCallOptions } from './outgoing.ts';
import { grpcTarget } from './target.ts';

/** A generated client class, such as `dialogue.TurnsClient`. */
export interface GrpcClientConstructor<C extends Client> {
  new (
    address: string,
    credentials: ChannelCredentials,
    options?: Partial<ChannelOptions> & { interceptors?: Interceptor[] },
  ): C;
  readonly service: ServiceDefinition;
}

/** Where a client connects and what it may do. */
export interface GrpcClientOptions {
  /** `host:port`; several are used in turn, those that fail are left out. */
  readonly addresses: readonly string[];
  readonly tokens: FleetTokens;
  /** The longest time of a unary call, whatever its own deadline; not limited beyond that unless set. */
  readonly timeoutMs?: number;
}

/**
 * A client with one channel: fleet token on every call that `unary` and `serverStream` make, round robin over several
 * addresses, retries of unary calls while the neighbour is away, reconnects within a second. It connects at the first
 * call; `close()` it at shutdown.
 * @throws ParleyError `config_invalid` when the addresses cannot be used.
 */
export function createGrpcClient<C extends Client>(
  constructor: GrpcClientConstructor<C>,
  options: GrpcClientOptions,
): C {
  return new constructor(grpcTarget(options.addresses), credentials.createInsecure(), {
    ...clientChannelOptions(constructor.service),
    interceptors: [fleetInterceptor(options.tokens, options.timeoutMs)],
  });
}

function fleetInterceptor(tokens: FleetTokens, timeoutMs: number | undefined): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(limited(options, timeoutMs)), {
      start: (metadata, listener, next) => {
        const tenant = (options as FleetCallOptions)[tenantOption];
        if (tenant !== undefined) metadata.set(metadataKeys.authorization, `Bearer ${tokens.sign(tenant)}`);
        next(metadata, listener);
      },
    });
}

function limited(options: InterceptorOptions, timeoutMs: number | undefined): InterceptorOptions {
  if (timeoutMs === undefined || options.method_definition.responseStream) return options;
  const latest = Date.now() + timeoutMs;
  return { ...options, deadline: Math.min(latest, Number(options.deadline ?? latest)) };
}
