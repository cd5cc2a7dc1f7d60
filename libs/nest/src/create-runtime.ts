import { readFileSync } from 'node:fs';
import { setLogger } from '@grpc/grpc-js';
import { fleetSecretFileOf, readFleetSecrets } from '@parley/config';
import type { ServiceSection } from '@parley/config';
import { FleetTokens } from '@parley/grpc';
import { newUuid } from '@parley/kernel';
import { createLogger, createMetrics } from '@parley/telemetry';
import type { Logger, ServiceName } from '@parley/telemetry';
import { Readiness } from './readiness.ts';
import type { ServiceRuntime } from './service-runtime.ts';
import { ShutdownSteps } from './shutdown-steps.ts';

/** @throws ConfigError when the fleet secret cannot be read. */
export function createRuntime(name: ServiceName, config: ServiceSection): ServiceRuntime {
  const instanceId = newUuid();
  const logger = createLogger(name, instanceId, config.logLevel);
  logGrpc(logger);
  return {
    name,
    instanceId,
    version: ownVersion(),
    startedAt: new Date(),
    metrics: createMetrics(name),
    logger,
    readiness: new Readiness(),
    tokens: new FleetTokens(readFleetSecrets(fleetSecretFileOf(config)), name),
    shutdown: new ShutdownSteps(),
  };
}

/** grpc-js writes bare text to stderr unless told; what it calls errors are mostly lost connections. */
function logGrpc(logger: Logger): void {
  const write = (...parts: unknown[]): void => logger.warn({ context: 'grpc-js' }, parts.join(' '));
  setLogger({ error: write, info: write, debug: write });
}

/** All packages of the repository have one version. */
function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}
