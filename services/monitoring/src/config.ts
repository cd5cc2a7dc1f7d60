import { loadConfig, neighbourSection, serviceSection } from '@parley/config';
import type { ConfigOf, NeighbourSection } from '@parley/config';

/** Every variable this service reads. */
export const configSpec = { service: serviceSection, neighbours: neighbourSection } as const;

export type MonitoringConfig = ConfigOf<typeof configSpec>;

/** @throws ConfigError that lists every fault */
export function readConfig(env: NodeJS.ProcessEnv = process.env): MonitoringConfig {
  return loadConfig(configSpec, env);
}

/**
 * The addresses of all services, this one's own among them: the one it is told, else the one it listens on.
 */
export function fleetAddresses({ service, neighbours }: MonitoringConfig): NeighbourSection {
  if (neighbours.monitoring.length > 0 || service.grpcPort === 0) return neighbours;
  const host = ['0.0.0.0', '::'].includes(service.host) ? '127.0.0.1' : service.host;
  return {
    ...neighbours,
    monitoring: [host.includes(':') ? `[${host}]:${service.grpcPort}` : `${host}:${service.grpcPort}`],
  };
}
