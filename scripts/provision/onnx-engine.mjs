/** The packages of the onnx engine, in engines/onnx: for this platform only, and none for graphics cards. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../engines/onnx', import.meta.url));
const modules = join(folder, 'node_modules');
/** Written last: what it stands beside is whole. */
const mark = join(modules, '.parley.json');

/** What is to be there: the lockfile's packages for this platform. */
function wanted() {
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  return JSON.stringify({ lock, platform: process.platform, arch: process.arch });
}

function sizeOf(path) {
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.reduce((sum, entry) => {
    const file = join(path, entry.name);
    if (entry.isDirectory()) return sum + sizeOf(file);
    return entry.isFile() ? sum + statSync(file).size : sum;
  }, 0);
}

function npmCi() {
  // npm names its own program; by itself it need not be one that can be started.
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm === undefined ? ['npm'] : [process.execPath, npm];
  // The package holds the code for processors; its script would only fetch what graphics cards need.
  const result = spawnSync(command, [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip', npm_config_prefix: undefined },
    timeout: 600_000,
  });
  if (result.error) throw new Error(`npm cannot be started: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`npm ci in engines/onnx ended with ${result.status}`);
}

/** Removes what onnxruntime brings for other platforms: five sixths of it. */
function prune() {
  const binaries = join(modules, 'onnxruntime-node/bin/napi-v6');
  const own = join(binaries, process.platform, process.arch);
  if (!existsSync(own)) throw new Error(`onnxruntime has no code for ${process.platform} on ${process.arch}`);
  for (const platform of readdirSync(binaries)) {
    for (const arch of readdirSync(join(binaries, platform))) {
      const place = join(binaries, platform, arch);
      if (place !== own) rmSync(place, { recursive: true });
    }
    if (readdirSync(join(binaries, platform)).length === 0)
      rmSync(join(binaries, platform), { recursive: true });
  }
}

/**
 * Installs the engine unless it is there.
 *
 * @returns {{ installed: boolean, megabytes: number }} whether it had to be, and what it takes
 * @throws Error that says what went wrong.
 */
export function installOnnxEngine() {
  const state = wanted();
  const isThere = existsSync(mark) && readFileSync(mark, 'utf8') === state;
  if (!isThere) {
    rmSync(mark, { force: true });
    npmCi();
    prune();
    writeFileSync(mark, state);
  }
  return { installed: !isThere, megabytes: Math.round(sizeOf(modules) / 1e6) };
}
