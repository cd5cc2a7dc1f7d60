import { join } from 'node:path';
import { envBool, envEnum, envInt, envList, envPath, envString } from './env-var.ts';
import type { ConfigOf } from './load-config.ts';

const port = { min: 0, max: 65_535 };

/** What every service reads. */
export const serviceSection = {
  host: envString('PARLEY_HOST', {
    default: '127.0.0.1',
    doc: 'The address that all servers of this process listen on.',
  }),
  grpcPort: envInt('PARLEY_GRPC_PORT', {
    default: 50_051,
    ...port,
    doc: 'The port of the internal gRPC server; 0 = any free one.',
  }),
  telemetryPort: envInt('PARLEY_TELEMETRY_PORT', {
    default: 9464,
    ...port,
    doc: 'The port of /metrics, /healthz and /readyz; 0 = any free one.',
  }),
  dataDir: envPath('PARLEY_DATA', {
    default: '.parley',
    doc: 'The folder that holds all data of the fleet.',
  }),
  configDir: envPath('PARLEY_CONFIG', {
    default: 'config',
    doc: 'The folder of the configuration documents.',
  }),
  fleetSecretFile: envPath('PARLEY_FLEET_SECRET_FILE', {
    default: '',
    doc: 'The file of the fleet secret; empty = fleet-secret in the data folder.',
  }),
  logLevel: envEnum('PARLEY_LOG_LEVEL', {
    values: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    default: 'info',
    doc: 'The least severe log lines that are written.',
  }),
  supervised: envBool('PARLEY_SUPERVISED', {
    default: false,
    doc: "Whether a supervisor decides about the terminal's SIGINT.",
  }),
  maxConnectionAgeMs: envInt('PARLEY_MAX_CONNECTION_AGE_MS', {
    default: 0,
    min: 0,
    max: 86_400_000,
    doc: 'Internal gRPC connections of this age are renewed, so that clients which go by name find new instances; 0 = never.',
  }),
  drainTimeoutMs: envInt('PARLEY_DRAIN_TIMEOUT_MS', {
    default: 10_000,
    min: 0,
    max: 3_600_000,
    doc: 'The longest time to finish running work at shutdown, in milliseconds.',
  }),
} as const;

/** The values of `serviceSection`. */
export type ServiceSection = ConfigOf<typeof serviceSection>;

function neighbour(variable: string, service: string) {
  return envList(variable, {
    default: [],
    doc: `The gRPC addresses of the ${service} service, as host:port.`,
  });
}

/** Where the other services are; empty = not known. */
export const neighbourSection = {
  gateway: neighbour('PARLEY_GATEWAY_ADDRESS', 'gateway'),
  dialogue: neighbour('PARLEY_DIALOGUE_ADDRESS', 'dialogue'),
  model: neighbour('PARLEY_MODEL_ADDRESS', 'model'),
  logging: neighbour('PARLEY_LOGGING_ADDRESS', 'logging'),
  monitoring: neighbour('PARLEY_MONITORING_ADDRESS', 'monitoring'),
} as const;

/** The values of `neighbourSection`. */
export type NeighbourSection = ConfigOf<typeof neighbourSection>;

/** The file of the fleet secret: the one that is set, else `fleet-secret` in the data folder. */
export function fleetSecretFileOf(section: Pick<ServiceSection, 'fleetSecretFile' | 'dataDir'>): string {
  return section.fleetSecretFile === '' ? join(section.dataDir, 'fleet-secret') : section.fleetSecretFile;
}
