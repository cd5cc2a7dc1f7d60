import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { SourceWorld } from './source-world.ts';

/** Debian puts servers where the path of users does not lead; PostgreSQL's newest version comes first. */
const serverFolders = ['/usr/sbin', '/usr/local/sbin', '/sbin', ...postgresFolders('/usr/lib/postgresql')];

function postgresFolders(base: string): string[] {
  try {
    const versions = readdirSync(base).toSorted((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(base, version, 'bin'));
  } catch {
    return [];
  }
}

/** The environment, Docker and the programs of the machine that the tests run on. */
export const thisMachine: SourceWorld = {
  variable: (name) => process.env[name],
  hasContainers: async () => {
    // Loaded when needed: it takes most of a second.
    const { getContainerRuntimeClient } = await import('testcontainers');
    return getContainerRuntimeClient().then(
      () => true,
      () => false,
    );
  },
  findProgram: (name) => {
    const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...serverFolders];
    return folders.map((folder) => join(folder, name)).find(isExecutable);
  },
};

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
