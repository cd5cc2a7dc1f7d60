import type { FleetTokens } from '@parley/grpc';
import type { Logger, Metrics, ServiceName } from '@parley/telemetry';
import type { Readiness } from './readiness.ts';
import type { ShutdownSteps } from './shutdown-steps.ts';

/** What every service has, made once at its start. */
export interface ServiceRuntime {
  readonly name: ServiceName;
  /** Made at process start. */
  readonly instanceId: string;
  readonly version: string;
  readonly startedAt: Date;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly readiness: Readiness;
  readonly tokens: FleetTokens;
  readonly shutdown: ShutdownSteps;
}

/** The token under which modules inject the ServiceRuntime. */
export const RUNTIME = Symbol('RUNTIME');
