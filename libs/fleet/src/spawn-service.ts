import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ParleyError } from '@parley/kernel';
import type { LogFile } from './log-file.ts';
import type { ServiceName } from './service-name.ts';

/** The folder that holds `services/`, `libs/` and `config/`. */
export const parleyRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** The script of a service in this repository. */
export function defaultServiceEntry(service: ServiceName): string {
  return fileURLToPath(new URL(`../../../services/${service}/dist/main.js`, import.meta.url));
}

/** @throws ParleyError `config_invalid` when a service has not been built. */
export function checkEntry(service: ServiceName, entry: string): void {
  if (existsSync(entry)) return;
  throw new ParleyError('config_invalid', `${service} is not built: ${entry} is missing. Run: npm run build`);
}

/**
 * Starts a service's script under the Node that runs this process, with an IPC channel: the service says over it
 * that it is ready, and ends when it closes because the supervisor has died. Without a log file the child writes
 * to this process's stderr, so that stdout stays the caller's own.
 */
export function spawnService(entry: string, env: NodeJS.ProcessEnv, log: LogFile | undefined): ChildProcess {
  const fd = log?.open();
  const output = fd ?? process.stderr.fd;
  try {
    return fork(entry, [], {
      execPath: process.execPath,
      execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning', ...tracing(env)],
      env,
      stdio: ['ignore', output, output, 'ipc'],
    });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** The tracing preload, only where traces have somewhere to go: loading it costs memory. */
function tracing(env: NodeJS.ProcessEnv): string[] {
  if ((env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '') === '') return [];
  return ['--import', new URL('../../telemetry/dist/register.js', import.meta.url).href];
}
