import type { ServiceName } from './service-name.ts';

/**
 * What an instance is doing: `starting` until it says that it is ready, `waiting` while a restart is due,
 * `stopping` once the fleet ends it.
 */
export type InstanceState = 'starting' | 'ready' | 'waiting' | 'stopping' | 'stopped';

/** One process of the fleet as it is now. Addresses stay the same over its restarts; `pid` does not. */
export interface InstanceStatus {
  readonly service: ServiceName;
  readonly index: number;
  /** Undefined while no process runs. */
  readonly pid: number | undefined;
  readonly state: InstanceState;
  readonly grpcAddress: string;
  readonly telemetryUrl: string;
  /** Where a gateway serves HTTP; undefined for the other services. */
  readonly url: string | undefined;
  /** `host:port` where a gateway serves its public gRPC; undefined for the other services. */
  readonly publicGrpcAddress: string | undefined;
  readonly restarts: number;
}

/** What happens in a fleet, for progress lines and tests. */
export type FleetEvent =
  | { readonly type: 'waiting-for-predecessor'; readonly pids: readonly number[] }
  | {
      readonly type: 'starting';
      readonly service: ServiceName;
      readonly index: number;
      readonly pid: number | undefined;
    }
  | {
      readonly type: 'not-ready';
      readonly service: ServiceName;
      readonly index: number;
      readonly missing: string;
    }
  | {
      readonly type: 'ready';
      readonly service: ServiceName;
      readonly index: number;
      readonly durationMs: number;
    }
  | {
      readonly type: 'exited';
      readonly service: ServiceName;
      readonly index: number;
      readonly reason: string;
    }
  | {
      readonly type: 'restarting';
      readonly service: ServiceName;
      readonly index: number;
      readonly inMs: number;
    }
  | { readonly type: 'stopping'; readonly service: ServiceName }
  | {
      readonly type: 'stopped';
      readonly service: ServiceName;
      readonly forced: boolean;
      readonly durationMs: number;
    };

/** Addresses `host:port` of services that run elsewhere. */
export type Neighbours = Partial<Record<ServiceName, readonly string[]>>;

/** How to start a fleet. */
export interface FleetOptions {
  /** Made with mode 0700 when it does not exist. One fleet per folder. */
  readonly dataDir: string;
  readonly configDir: string;
  /** The first gateway's HTTP port on loopback; 0 takes a free one. Default 8080. Further gateways take free ports. */
  readonly httpPort?: number;
  /** The admin key; without it the one in the data folder is used, made on the first start. */
  readonly apiKey?: string | undefined;
  /** Instances per service; default 1 each. */
  readonly replicas?: Partial<Record<ServiceName, number>>;
  /** Starts only these services; the ones they call must be among `neighbours`. */
  readonly only?: readonly ServiceName[] | undefined;
  readonly neighbours?: Neighbours;
  /** The environment the services inherit; default: this process's own. What the fleet decides overrides it. */
  readonly env?: NodeJS.ProcessEnv;
  readonly onEvent?: (event: FleetEvent) => void;
  /** `files`: `<dataDir>/logs/<service>.log`, bounded (default). `inherit`: this process's stderr. */
  readonly logTo?: 'files' | 'inherit';
  /** Stops a start that is under way; `startFleet` then rejects with `cancelled`. */
  readonly signal?: AbortSignal;
  /** How long an instance may take until it is ready, in milliseconds. Default 60 000. */
  readonly startLimitMs?: number;
  /**
   * How long an instance may take to end after SIGTERM before SIGKILL, in milliseconds. Default 20 000: the services'
   * own drain limit of 10 s, then what they need to close and to say what stays open.
   */
  readonly stopLimitMs?: number;
  /** Where a service's script lies; default `services/<name>/dist/main.js` of this repository. */
  readonly serviceEntry?: (service: ServiceName) => string;
}

/** A running fleet. Services that die are restarted on the same ports until it is stopped. */
export interface Fleet {
  /** Base URL of the first gateway; empty when the fleet has no gateway. */
  readonly url: string;
  readonly apiKey: string;
  readonly dataDir: string;
  instances(): InstanceStatus[];
  /** Sends a signal to an instance, for tests. @throws ParleyError `not_found` when it does not run. */
  kill(service: ServiceName, index: number, signal: NodeJS.Signals): void;
  /** Drains and ends the services in order, then releases the data folder. Further calls wait for the same end. */
  stop(): Promise<void>;
  /** Ends every process at once by SIGKILL; a `stop` under way finishes. */
  forceStop(): Promise<void>;
  /** The same as `stop`. */
  [Symbol.asyncDispose](): Promise<void>;
  /** Resolves when every process has ended and the data folder is released. */
  readonly exited: Promise<void>;
}
