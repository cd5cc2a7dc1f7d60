/** The program redis-server, which tests start on loopback ports; no Redis of the system is left running. */
import { spawnSync } from 'node:child_process';
import { findProgram, installPackages, whyNoPackages } from './debian-packages.mjs';

/** The state store is written in Redis Functions, which 7.0 brought. */
const oldestMajor = 7;

/** `openssl` makes the certificates of the tests that use TLS. */
const programs = ['redis-server', 'openssl'];

function version() {
  const path = findProgram('redis-server');
  if (path === undefined) return undefined;
  return /\bv=(\d+\.\d+\.\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout)?.[1];
}

function told() {
  const found = version();
  if (Number.parseInt(found ?? '', 10) >= oldestMajor) {
    console.log(`provision: redis-server ${found} is there`);
    return true;
  }
  console.error(
    `provision: redis-server ${found ?? '?'} is too old; the tests need ${oldestMajor}.0 or later.`,
  );
  return false;
}

/** Installs what is missing where that is possible. @returns false when it failed. */
export function provisionRedis() {
  const missing = programs.filter((name) => findProgram(name) === undefined);
  if (missing.length === 0) return told();
  const obstacle = whyNoPackages();
  if (obstacle !== undefined) {
    console.log(
      `provision: ${missing.join(' and ')} cannot be installed here (${obstacle}); with Docker or` +
        ' PARLEY_TEST_REDIS_URL the tests on Redis run all the same, else they are skipped (in CI they fail).',
    );
    return true;
  }
  console.log(`provision: installing ${missing.join(' and ')} from the system's packages`);
  try {
    installPackages(missing, missing.includes('redis-server') ? ['redis-server'] : []);
    return told();
  } catch (error) {
    console.error(
      `provision: ${error.message}\nprovision: tests on Redis will be skipped (in CI they fail).`,
    );
    return false;
  }
}
