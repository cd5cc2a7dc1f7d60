/** Programs from Debian's packages, installed without starting a service. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian puts servers where the path of users does not lead. */
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];

/** Where a program lies; undefined when it is not installed. */
export function findProgram(name) {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** How to become root without a question: not at all, by sudo, or there is no way (undefined). */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return sudo.status === 0 ? ['sudo', '-n'] : undefined;
}

function run(command) {
  const [program, ...args] = command;
  const result = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 600_000,
  });
  if (result.status === 0) return;
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`.slice(-2_000);
  throw new Error(`${command.join(' ')} failed: ${result.error?.message ?? output}`);
}

/** Why packages cannot be installed here; undefined when they can. */
export function whyNoPackages() {
  if (findProgram('apt-get') === undefined) return 'this is no Debian or Ubuntu';
  return asRoot() === undefined ? 'that needs root, or sudo without a password' : undefined;
}

/**
 * Installs packages. Their services are neither started now (policy-rc.d says no) nor at the next boot of the machine.
 * @throws Error with the end of apt-get's output.
 */
export function installPackages(packages, services) {
  const root = asRoot() ?? [];
  const withdraw = forbidStarts(root);
  try {
    const apt = [...root, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y'];
    run([...apt, 'update']);
    run([...apt, 'install', '--no-install-recommends', ...packages]);
  } finally {
    withdraw();
  }
  for (const service of services) tryRun([...root, 'systemctl', 'disable', service]);
}

/** For what a machine without systemd need not do. */
function tryRun([program, ...args]) {
  spawnSync(program, args, { stdio: 'ignore' });
}

/** Debian's own way to keep an installation from starting services; an answer that is there already stays. */
function forbidStarts(root) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return () => undefined;
  run([...root, 'sh', '-c', `printf '#!/bin/sh\\nexit 101\\n' > ${policy} && chmod 755 ${policy}`]);
  return () => run([...root, 'rm', '-f', policy]);
}
