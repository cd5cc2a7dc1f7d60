/** The programs of PostgreSQL, which tests start on loopback ports; no PostgreSQL of the system is made or left running. */
import { spawnSync } from 'node:child_process';
import { findProgram } from './debian-packages.mjs';
import { provisionPrograms } from './programs.mjs';

/** Debian makes a database cluster for the system with the first package of a version, unless this says no. */
const noCluster = {
  path: '/etc/postgresql-common/createcluster.d/parley-provision.conf',
  text: 'create_main_cluster = false\n',
};

function told() {
  const path = findProgram('postgres');
  const found = path && spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout;
  const version = /\d+\.\d+/.exec(found ?? '')?.[0];
  if (version === undefined) return { ok: false, text: 'postgres does not tell its version' };
  return { ok: true, text: `PostgreSQL ${version} is there` };
}

/** Installs what is missing where that is possible. @returns false when it failed. */
export function provisionPostgres() {
  return provisionPrograms({
    name: 'PostgreSQL',
    packages: { postgres: 'postgresql', initdb: 'postgresql' },
    services: ['postgresql'],
    settings: [noCluster],
    instead: 'Docker or PARLEY_TEST_POSTGRES_URL',
    told,
  });
}
