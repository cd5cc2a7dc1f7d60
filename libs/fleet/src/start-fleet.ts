import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ParleyError } from '@parley/kernel';
import { lockDataFolder } from '@parley/sqlite';
import type { FileLock } from '@parley/sqlite';
import { ensureSecret, newApiKey, newFleetSecret, prepareDataFolder } from './data-folder.ts';
import type { DataFolder } from './data-folder.ts';
import { readFleetFile } from './fleet-file.ts';
import { checkPortFree } from './loopback-ports.ts';
import { checkNodeVersion } from './node-version.ts';
import { planFleet } from './plan.ts';
import { waitForPredecessor } from './predecessor.ts';
import { RunningFleet } from './running-fleet.ts';
import { checkEntry, defaultServiceEntry, parleyRoot } from './spawn-service.ts';
import { serviceNames } from './service-name.ts';
import type { Fleet, FleetOptions } from './fleet.ts';

const defaultHttpPort = 8080;
const defaultStopLimitMs = 20_000;

/**
 * Runs the services as child processes on the loopback address; resolves when each of them is ready. The gateway
 * comes last, so an open HTTP port means a complete fleet. A start that fails leaves nothing running.
 * @throws ParleyError `config_invalid` (options, data or config folder), `conflict` (port or data folder in use),
 *   `unavailable` (a service did not start; the message has its last lines), `cancelled` (by `options.signal`).
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  checkNodeVersion(process.versions.node);
  const configDir = resolve(options.configDir);
  checkConfigFolder(configDir);
  const entryOf = options.serviceEntry ?? defaultServiceEntry;
  for (const service of options.only ?? serviceNames) checkEntry(service, entryOf(service));
  const httpPort = options.httpPort ?? defaultHttpPort;
  const plan = await planFleet({ ...options, httpPort });

  const data = prepareDataFolder(options.dataDir);
  const lock = lockFor(data);
  try {
    const stopLimitMs = options.stopLimitMs ?? defaultStopLimitMs;
    await waitForThoseBefore(data, options, stopLimitMs);
    if (httpPort !== 0 && plan.instances.some((instance) => instance.httpPort === httpPort))
      await checkPortFree(httpPort);
    ensureSecret(data.fleetSecret, newFleetSecret);
    const apiKey = options.apiKey ?? ensureSecret(data.apiKey, newApiKey);
    const paths = { data, configDir, apiKey, compileCache: compileCacheFor(data) };
    const fleet = new RunningFleet({ options, plan, paths, stopLimitMs, entryOf, lock });
    await fleet.start(options.signal);
    return fleet;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Takes the data folder, naming who has it when that is known. */
function lockFor(data: DataFolder): FileLock {
  try {
    return lockDataFolder(data.dir);
  } catch (error) {
    const other = readFleetFile(data.fleetFile);
    if (!(error instanceof ParleyError) || error.code !== 'conflict' || other === undefined) throw error;
    const where = other.url === '' ? `process ${other.pid}` : `process ${other.pid}, ${other.url}`;
    const message = `Another fleet (${where}) uses the data folder ${data.dir}. Stop it, or choose another with --data or PARLEY_DATA.`;
    throw new ParleyError('conflict', message, { cause: error });
  }
}

async function waitForThoseBefore(data: DataFolder, options: FleetOptions, limitMs: number): Promise<void> {
  const previous = readFleetFile(data.fleetFile);
  if (previous === undefined) return;
  const onWaiting = (pids: readonly number[]): void =>
    options.onEvent?.({ type: 'waiting-for-predecessor', pids });
  await waitForPredecessor(previous, { limitMs, signal: options.signal, onWaiting });
}

function checkConfigFolder(dir: string): void {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new ParleyError(
    'config_invalid',
    `The config folder ${dir} does not exist. Choose another with --config or PARLEY_CONFIG.`,
  );
}

/** The repository's cache where it can be written, so that all fleets share it; else the data folder. */
function compileCacheFor(data: DataFolder): string {
  try {
    accessSync(parleyRoot, constants.W_OK);
    return join(parleyRoot, '.cache', 'node-compile');
  } catch {
    return join(data.dir, 'compile-cache');
  }
}
