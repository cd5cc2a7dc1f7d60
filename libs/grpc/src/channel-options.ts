import type { ChannelOptions, ServerInterceptor, ServiceDefinition } from '@grpc/grpc-js';
import { spareClosingSessions } from './closing-sessions.ts';

/** Room for the largest request that the gateway takes (20 MiB with images) and its envelope. */
const maxReceiveBytes = 24 * 1024 * 1024;

/** Finds a peer that hangs or was cut off, without mistaking one whose event loop is busy. */
const keepalive = {
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

/** What a server may set beyond the defaults. */
export interface ServerChannelOptions {
  readonly interceptors?: readonly ServerInterceptor[];
  /**
   * Closes connections of this age, so that clients find new instances by name. Off unless set: with fixed addresses
   * it would only cost reconnects.
   */
  readonly maxConnectionAgeMs?: number;
  /** How long running streams may go on after that; above the longest turn. Default 180 s. */
  readonly maxConnectionAgeGraceMs?: number;
}

/** The channel options of every server of the fleet; Nest hands them to grpc-js as they are. */
export function serverChannelOptions(
  options: ServerChannelOptions = {},
): ChannelOptions & { interceptors: ServerInterceptor[] } {
  const age = options.maxConnectionAgeMs;
  spareClosingSessions();
  return {
    ...keepalive,
    'grpc.max_receive_message_length': maxReceiveBytes,
    ...(age === undefined
      ? {}
      : {
          'grpc.max_connection_age_ms': age,
          'grpc.max_connection_age_grace_ms': options.maxConnectionAgeGraceMs ?? 180_000,
        }),
    interceptors: [...(options.interceptors ?? [])],
  };
}

/** The channel options of every client of the fleet. */
export function clientChannelOptions(service: ServiceDefinition): ChannelOptions {
  spareClosingSessions();
  return {
    ...keepalive,
    'grpc.max_receive_message_length': maxReceiveBytes,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
    'grpc.dns_min_time_between_resolutions_ms': 2000,
    // Internal calls never go through a proxy that the machine's environment names.
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.service_config': JSON.stringify(serviceConfig(service)),
  };
}

/** grpc-js drops a service config without a word when one of its durations is text instead of an object. */
const seconds = (value: number): { seconds: number; nanos: number } => ({ seconds: value, nanos: 0 });

function serviceConfig(service: ServiceDefinition): object {
  return {
    loadBalancingConfig: [
      {
        outlier_detection: {
          // A killed instance fails the streams that it had and is put aside for them. It must be back in time to
          // stand in for the next one that dies: four seconds at most, about what its restart takes.
          interval: seconds(2),
          base_ejection_time: seconds(2),
          max_ejection_time: seconds(30),
          max_ejection_percent: 50,
          // Every status but OK counts as a failure, refusals of bad requests too: only an instance that answers
          // hardly anything else is put aside.
          failure_percentage_ejection: {
            threshold: 85,
            enforcement_percentage: 100,
            minimum_hosts: 2,
            request_volume: 20,
          },
          child_policy: [{ round_robin: {} }],
        },
      },
    ],
    methodConfig: unaryMethods(service).map((name) => ({ name: [name], retryPolicy })),
  };
}

/** Streams are not retried: starting a turn twice is for their caller to decide. */
function unaryMethods(service: ServiceDefinition): { service: string; method: string }[] {
  return Object.values(service)
    .filter((method) => !method.requestStream && !method.responseStream)
    .map((method) => {
      const [, serviceName = '', methodName = ''] = method.path.split('/');
      return { service: serviceName, method: methodName };
    });
}

/** Bridges the restart of a neighbour where the call's deadline allows it. */
const retryPolicy = {
  maxAttempts: 4,
  initialBackoff: '0.1s',
  maxBackoff: '1s',
  backoffMultiplier: 2.5,
  retryableStatusCodes: ['UNAVAILABLE'],
};
