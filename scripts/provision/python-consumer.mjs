/** The Python that the example consumer runs on: its pinned packages, in an environment outside the repository. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const requirements = fileURLToPath(
  new URL('../../examples/consumers/python/requirements.txt', import.meta.url),
);

/** Another list of packages is another folder. */
function environment() {
  const cache = process.env.PARLEY_CACHE ?? join(homedir(), '.cache', 'parley');
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  return join(cache, 'python-consumer', digest);
}

function run(command, ...args) {
  const result = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], timeout: 600_000 });
  if (result.error) throw new Error(`${command}: ${result.error.message}`);
  if (result.status !== 0)
    throw new Error(`${command} ${args.slice(0, 3).join(' ')} … ended with ${result.status}`);
}

/** Makes the whole folder beside its place, then moves it there: a folder that is there is whole. */
function makeEnvironment(target) {
  mkdirSync(dirname(target), { recursive: true });
  const work = mkdtempSync(join(dirname(target), 'part-'));
  try {
    run('python3', '-m', 'venv', work);
    run(join(work, 'bin/python'), '-m', 'pip', 'install', '--quiet', '--requirement', requirements);
    renameSync(work, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Makes the environment unless it is there. @returns whether it is there now. */
export function provisionPythonConsumer() {
  const target = environment();
  if (existsSync(target)) {
    console.log('provision: the packages of the Python consumer are there');
    return true;
  }
  console.log('provision: fetching the packages of the Python consumer (4 MB)');
  try {
    makeEnvironment(target);
    console.log(`provision: the packages of the Python consumer are in ${target}`);
    return true;
  } catch (error) {
    console.error(
      `provision: ${error.message}\nprovision: the test of the Python consumer will be skipped (in CI it fails).`,
    );
    return false;
  }
}
