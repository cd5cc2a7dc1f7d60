import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { InstanceStatus } from './fleet.ts';
import type { ServiceName } from './service-name.ts';

/** What `fleet.json` in the data folder says about the fleet that runs on it. It holds no secret. */
export interface FleetFile {
  readonly url: string;
  /** The supervisor's. */
  readonly pid: number;
  readonly startedAt: string;
  readonly instances: readonly (Omit<InstanceStatus, 'state'> & { readonly entry: string })[];
  readonly addresses: Readonly<Record<ServiceName, readonly string[]>>;
}

/** Replaces the file in one step, so that a reader never sees half of it. */
export function writeFleetFile(path: string, content: FleetFile): void {
  const part = `${path}.part`;
  writeFileSync(part, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(part, path);
}

/** The fleet that runs on a data folder, or ran there and was killed; undefined when there is none. */
export function readFleetFile(path: string): FleetFile | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as FleetFile;
  } catch {
    return undefined;
  }
}

/** Removes the file; no fault when there is none. */
export function removeFleetFile(path: string): void {
  rmSync(path, { force: true });
}
