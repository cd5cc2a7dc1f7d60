import { loopback } from './loopback-ports.ts';
import type { DataFolder } from './data-folder.ts';
import type { FleetPlan, InstancePlan } from './plan.ts';

/** What every instance of a fleet shares. */
export interface FleetPaths {
  readonly data: DataFolder;
  /** Absolute. */
  readonly configDir: string;
  /** Where Node keeps compiled code between starts. */
  readonly compileCache: string;
  readonly apiKey: string;
}

/**
 * The environment of one instance: what it inherits, then what the fleet decides. Only a gateway is given the API
 * key. A fleet secret file named by the inherited environment is kept: parts of a fleet that run apart share one.
 */
export function childEnvironment(
  inherited: NodeJS.ProcessEnv,
  plan: FleetPlan,
  instance: InstancePlan,
  paths: FleetPaths,
): NodeJS.ProcessEnv {
  const { PARLEY_API_KEY: _key, PARLEY_PORT: _port, PARLEY_PUBLIC_GRPC_PORT: _grpc, ...base } = inherited;
  const { addresses } = plan;
  return {
    ...base,
    PARLEY_SUPERVISED: 'true',
    PARLEY_HOST: loopback,
    PARLEY_GRPC_PORT: String(instance.grpcPort),
    PARLEY_TELEMETRY_PORT: String(instance.telemetryPort),
    PARLEY_DATA: paths.data.dir,
    PARLEY_CONFIG: paths.configDir,
    PARLEY_FLEET_SECRET_FILE: base['PARLEY_FLEET_SECRET_FILE'] ?? paths.data.fleetSecret,
    PARLEY_GATEWAY_ADDRESS: addresses.gateway.join(','),
    PARLEY_DIALOGUE_ADDRESS: addresses.dialogue.join(','),
    PARLEY_MODEL_ADDRESS: addresses.model.join(','),
    PARLEY_LOGGING_ADDRESS: addresses.logging.join(','),
    PARLEY_MONITORING_ADDRESS: addresses.monitoring.join(','),
    NODE_COMPILE_CACHE: paths.compileCache,
    OTEL_SERVICE_NAME: `parley-${instance.service}`,
    ...(instance.httpPort === undefined
      ? {}
      : {
          PARLEY_PORT: String(instance.httpPort),
          PARLEY_PUBLIC_GRPC_PORT: String(instance.publicGrpcPort),
          PARLEY_API_KEY: paths.apiKey,
        }),
  };
}
