// Trains the bundled model from scratch: makes a Python environment with the pinned requirements outside the
// repository, runs the recipe there (it goes on where it was stopped), and puts the result into model/.
//   node train.mjs [--fresh] [-- arguments of recipe.train]
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const cache = process.env.PARLEY_CACHE ?? path.join(os.homedir(), '.cache/parley');
const environment = path.join(cache, 'tiny-model-venv');
const work = path.join(cache, 'tiny-model-work');
const python = path.join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const requirements = path.join(here, 'requirements.txt');

const { values: options, positionals } = parseArgs({
  options: { fresh: { type: 'boolean', default: false } },
  allowPositionals: true,
});

function run(command, ...args) {
  execFileSync(command, args, { cwd: here, stdio: 'inherit' });
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

mkdirSync(cache, { recursive: true });
const mark = path.join(environment, 'requirements.sha256');
if (!existsSync(mark) || readFileSync(mark, 'utf8') !== sha256(requirements)) {
  run('python3', '-m', 'venv', environment);
  run(python, '-m', 'pip', 'install', '--quiet', '--requirement', requirements);
  writeFileSync(mark, sha256(requirements));
}
if (options.fresh) rmSync(work, { recursive: true, force: true });
run(python, '-m', 'recipe.train', '--work', work, ...positionals);

const target = path.join(here, 'model/parley-tiny.gguf');
copyFileSync(path.join(work, 'parley-tiny.gguf'), target);
writeFileSync(`${target}.sha256`, `${sha256(target)}  parley-tiny.gguf\n`);
console.log(`written: ${path.relative(process.cwd(), target)}, sha256 ${sha256(target)}`);
