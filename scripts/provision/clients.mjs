/** Clients of other makers, which tests set against Parley: kcat reads its events, Python runs other SDKs. */
import { spawnSync } from 'node:child_process';
import { provisionPrograms } from './programs.mjs';

const kcat = { name: 'events with kcat', packages: { kcat: 'kcat' } };

/** Debian keeps the part of Python that makes environments in a package of its own. */
function findVenv() {
  const { status } = spawnSync('python3', ['-c', 'import ensurepip, venv'], { stdio: 'ignore' });
  return status === 0 ? 'venv' : undefined;
}

const python = {
  name: 'SDKs for Python',
  packages: { 'python3-venv': 'python3-venv' },
  find: findVenv,
};

/** Installs what is missing where that is possible. @returns false when it failed. */
export function provisionClients() {
  const done = [kcat, python].map(provisionPrograms);
  return !done.includes(false);
}
