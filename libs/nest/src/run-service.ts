import type { ServiceName } from '@parley/telemetry';
import type { ServiceOptions } from './service-options.ts';
import { startService } from './start-service.ts';
import type { RunningService } from './start-service.ts';
import { startupFaultText } from './startup-fault.ts';
import { stopRequested } from './stop-request.ts';

/** What a service tells the process that forked it. */
export interface ServiceMessage {
  /** `listening`: its servers are up; `ready`: all its readiness checks are ok for the first time. */
  readonly type: 'listening' | 'ready';
  readonly instanceId: string;
  readonly grpcPort: number;
  readonly telemetryPort: number;
  readonly httpPort?: number;
  /** The port of `ServiceOptions.publicServer`. */
  readonly publicPort?: number;
}

/** Beyond the drain: closing servers and stores, then there is nothing left to wait for. */
const lastResortMs = 8000;

const readyIntervalMs = 100;

/**
 * Runs a service as this process: starts it, tells the parent, stops it gracefully at SIGTERM, SIGINT (unless
 * supervised) or when the parent is gone, and leaves the event loop empty. A start that fails is one message on
 * stderr and exit code 1. Resolves when the service listens.
 * @param options a function is called inside, so that a ConfigError of `loadConfig` is reported as well
 */
export async function runService(
  options: ServiceOptions | (() => ServiceOptions | Promise<ServiceOptions>),
): Promise<void> {
  let name: ServiceName | undefined;
  try {
    const resolved = typeof options === 'function' ? await options() : options;
    name = resolved.name;
    const requested = stopRequested(process, resolved.config.supervised);
    const starting = startService(resolved);
    void requested.then((reason) => stopProcess(starting, reason, resolved.config.drainTimeoutMs));
    announce(await starting);
  } catch (fault) {
    process.stderr.write(startupFaultText(name, fault));
    process.exit(1);
  }
}

async function stopProcess(
  starting: Promise<RunningService>,
  reason: string,
  drainTimeoutMs: number,
): Promise<void> {
  const lastResort = setTimeout(() => {
    process.stderr.write(
      `parley: still open after the stop: ${process.getActiveResourcesInfo().join(', ')}\n`,
    );
    process.exit(1);
  }, drainTimeoutMs + lastResortMs);
  lastResort.unref();
  const service = await starting.catch(() => undefined);
  service?.runtime.logger.info({ reason }, 'Stopping');
  await service?.stop();
  if (process.connected) process.disconnect();
}

function announce(service: RunningService): void {
  tellParent('listening', service);
  const timer = setInterval(() => {
    if (!service.runtime.readiness.report().ready) return;
    clearInterval(timer);
    tellParent('ready', service);
  }, readyIntervalMs).unref();
}

function tellParent(
  type: ServiceMessage['type'],
  { runtime, grpcPort, telemetryPort, httpPort, publicPort }: RunningService,
): void {
  const message: ServiceMessage = {
    type,
    instanceId: runtime.instanceId,
    grpcPort,
    telemetryPort,
    ...(httpPort === undefined ? {} : { httpPort }),
    ...(publicPort === undefined ? {} : { publicPort }),
  };
  if (process.connected) process.send?.(message);
}
