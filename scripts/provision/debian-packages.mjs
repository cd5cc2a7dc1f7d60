/** Programs from Debian's packages, installed without starting a service. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian puts servers where the path of users does not lead. */
function folders() {
  const path = (process.env.PATH ?? '').split(delimiter);
  return [...path, '/usr/sbin', '/usr/local/sbin', '/sbin', ...postgresFolders('/usr/lib/postgresql')];
}

/** PostgreSQL's programs, the newest version first. */
function postgresFolders(base) {
  if (!existsSync(base)) return [];
  const versions = readdirSync(base).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(base, version, 'bin'));
}

/** Where a program lies; undefined when it is not installed. */
export function findProgram(name) {
  return folders()
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
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

let listsAreNew = false;

/**
 * Installs packages. Their services are neither started now (policy-rc.d says no) nor at the next boot of the machine.
 * `settings`, `{ path, text }` each, are files that hold while the packages are installed.
 * @throws Error with the end of apt-get's output.
 */
export function installPackages(packages, { services = [], settings = [] } = {}) {
  const root = asRoot() ?? [];
  const undo = [];
  try {
    for (const { path, text, mode } of [noStarts, ...settings]) undo.push(putFile(root, path, text, mode));
    const apt = [...root, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y'];
    if (!listsAreNew) run([...apt, 'update']);
    listsAreNew = true;
    run([...apt, 'install', '--no-install-recommends', ...packages]);
  } finally {
    for (const withdraw of undo) withdraw();
  }
  for (const service of services) tryRun([...root, 'systemctl', 'disable', service]);
}

/** For what a machine without systemd need not do. */
function tryRun([program, ...args]) {
  spawnSync(program, args, { stdio: 'ignore', timeout: 60_000 });
}

/** Debian's own way to keep an installation from starting services. */
const noStarts = { path: '/usr/sbin/policy-rc.d', text: '#!/bin/sh\nexit 101\n', mode: '755' };

/** Writes a file and gives what removes it; one that is there already stays. */
function putFile(root, path, text, mode = '644') {
  if (existsSync(path)) return () => undefined;
  const script = 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1" && chmod "$3" "$1"';
  run([...root, 'sh', '-c', script, 'sh', path, text, mode]);
  return () => run([...root, 'rm', '-f', path]);
}
