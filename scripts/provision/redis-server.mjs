/** The program redis-server, which tests start on loopback ports; no Redis of the system is left running. */
import { spawnSync } from 'node:child_process';
import { findProgram } from './debian-packages.mjs';
import { provisionPrograms } from './programs.mjs';

/** The state store is written in Redis Functions, which 7.0 brought. */
const oldestMajor = 7;

function version() {
  const path = findProgram('redis-server');
  if (path === undefined) return undefined;
  return /\bv=(\d+\.\d+\.\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout)?.[1];
}

function told() {
  const found = version();
  if (Number.parseInt(found ?? '', 10) >= oldestMajor)
    return { ok: true, text: `redis-server ${found} is there` };
  return {
    ok: false,
    text: `redis-server ${found ?? '?'} is too old; the tests need ${oldestMajor}.0 or later`,
  };
}

/** Installs what is missing where that is possible. @returns false when it failed. */
export function provisionRedis() {
  return provisionPrograms({
    name: 'Redis',
    // `openssl` makes the certificates of the tests that use TLS.
    packages: { 'redis-server': 'redis-server', openssl: 'openssl' },
    services: ['redis-server'],
    instead: 'Docker or PARLEY_TEST_REDIS_URL',
    told,
  });
}
