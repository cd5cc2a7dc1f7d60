import { Deadline } from '@parley/kernel';
import { createApplication } from './create-application.ts';
import type { Application } from './create-application.ts';
import { createRuntime } from './create-runtime.ts';
import { listening } from './listen-fault.ts';
import type { ServiceOptions } from './service-options.ts';
import type { ServiceRuntime } from './service-runtime.ts';
import { TelemetryServer } from './telemetry-server.ts';

/** A service whose servers listen. */
export interface RunningService {
  readonly runtime: ServiceRuntime;
  readonly grpcPort: number;
  readonly telemetryPort: number;
  readonly httpPort: number | undefined;
  readonly publicPort: number | undefined;
  /** Ends it gracefully; several calls are one. It never rejects: what fails is logged. */
  stop(): Promise<void>;
}

/** How long the servers wait at least for running calls once all shutdown steps are done. */
const closeGraceMs = 2000;

/** Of the drain's time, one part in so many is for clients with kept-alive connections: 3 s of two minutes. */
const releaseShare = 40;

/** The same for requests that are late: half a minute. */
const lateShare = 4;

/** How often grpc.health.v1 learns about readiness. */
const healthIntervalMs = 500;

/**
 * Starts a service inside this process: telemetry first, so that probes see it start, then its modules, then gRPC
 * and HTTP. Signals and exit codes are `runService`'s business.
 * @throws ConfigError when a port or the fleet secret cannot be had; what the module throws. Nothing is left running.
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { config } = options;
  const runtime = createRuntime(options.name, config);
  const telemetry = new TelemetryServer(runtime);
  const place = { host: config.host, port: config.telemetryPort, variable: 'PARLEY_TELEMETRY_PORT' };
  const telemetryPort = await listening(place, () => telemetry.listen(config.host, config.telemetryPort));
  const parts: Parts = { runtime, telemetry, drainTimeoutMs: config.drainTimeoutMs };
  try {
    parts.application = await createApplication(options, runtime);
    const { httpPort, publicPort } = await parts.application.listen();
    runtime.readiness.started();
    parts.healthTimer = reportHealth(parts.application, runtime);
    const { port: grpcPort } = parts.application.grpc;
    runtime.logger.info({ grpcPort, telemetryPort, httpPort, publicPort, pid: process.pid }, 'Started');
    let stopped: Promise<void> | undefined;
    const ports = { grpcPort, telemetryPort, httpPort, publicPort };
    return { runtime, ...ports, stop: () => (stopped ??= stop(parts)) };
  } catch (error) {
    await stop({ ...parts, drainTimeoutMs: 0 });
    throw error;
  }
}

interface Parts {
  readonly runtime: ServiceRuntime;
  readonly telemetry: TelemetryServer;
  readonly drainTimeoutMs: number;
  application?: Application;
  healthTimer?: NodeJS.Timeout;
}

function reportHealth(application: Application, { readiness }: ServiceRuntime): NodeJS.Timeout {
  const report = (): void => application.setServing(readiness.report().ready);
  report();
  readiness.onDrain(report);
  return setInterval(report, healthIntervalMs).unref();
}

/**
 * Not ready, clients sent elsewhere, the steps, the servers, the modules, the last steps; telemetry last, so that the
 * end can be watched.
 */
async function stop({ runtime, telemetry, drainTimeoutMs, application, healthTimer }: Parts): Promise<void> {
  const { logger, readiness, shutdown } = runtime;
  readiness.drain();
  const logged = (error: unknown): void => logger.error({ error }, 'The service did not stop cleanly');
  const drain = Deadline.in(drainTimeoutMs);
  await application?.releaseClients(drainTimeoutMs / releaseShare).catch(logged);
  await shutdown.runBeforeClose(drain.remainingMs(), logger);
  // A request that came on a kept-alive connection when the last answer ended has what is left of the time.
  const lateMs = Math.min(drain.remainingMs(), drainTimeoutMs / lateShare);
  await application?.closeServers(Math.max(closeGraceMs, lateMs)).catch(logged);
  await application?.context.close().catch(logged);
  await shutdown.runAfterClose(closeGraceMs, logger);
  clearInterval(healthTimer);
  await telemetry.close().catch(logged);
  logger.info('Stopped');
}
