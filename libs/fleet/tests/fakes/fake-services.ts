import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceNames } from '../../src/service-name.ts';
import type { FleetOptions } from '../../src/fleet.ts';
import type { ServiceName } from '../../src/service-name.ts';

/** What a fake service does instead of working. */
export type FakeBehaviour =
  | 'fails to start'
  | 'is never ready'
  | 'ignores SIGTERM'
  | 'drains slowly'
  | 'is ready only once';

/** Fake services, a data folder and a config folder, for tests of the supervisor and of the command line. */
export interface FakeServices extends Disposable {
  readonly dir: string;
  readonly dataDir: string;
  readonly configDir: string;
  /** Options of `startFleet` that run the fakes on a free HTTP port. */
  options(behaviour?: Partial<Record<ServiceName, FakeBehaviour>>): FleetOptions;
  /** What the fakes noted so far, in order: `<service> started`, `SIGTERM`, `SIGINT`, `ended`, `lost its supervisor`. */
  journal(): string[];
}

/** Makes scripts for the five fakes in a folder of their own; disposing removes it. */
export function fakeServices(): FakeServices {
  const dir = mkdtempSync(join(tmpdir(), 'parley-fleet-'));
  const journalFile = join(dir, 'journal');
  const configDir = join(dir, 'config');
  const dataDir = join(dir, 'data');
  const script = new URL('./fake-service.ts', import.meta.url);
  const entry = (service: ServiceName): string => join(dir, `${service}.mjs`);
  mkdirSync(configDir);
  for (const service of serviceNames) {
    writeFileSync(
      entry(service),
      `process.env.FAKE_SERVICE = '${service}';\nawait import('${script.href}');\n`,
    );
  }
  return {
    dir,
    dataDir,
    configDir,
    options: (behaviour = {}) => ({
      dataDir,
      configDir,
      httpPort: 0,
      serviceEntry: entry,
      env: { PATH: '/nowhere', FAKE_JOURNAL: journalFile, FAKE_BEHAVIOUR: JSON.stringify(behaviour) },
    }),
    journal: () => (existsSync(journalFile) ? readFileSync(journalFile, 'utf8').trim().split('\n') : []),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Whether a process with this id runs; one that has ended and waits to be collected does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync(`/proc/${pid}/stat`) || !/^.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
