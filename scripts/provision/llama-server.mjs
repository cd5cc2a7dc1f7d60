/**
 * The program llama-server, built from the llama.cpp release that the gguf engine runs on: its source is a git bundle
 * inside node-llama-cpp. Tests of the openai engine talk to it as to any remote engine.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, homedir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './debian-packages.mjs';
import { provisionPrograms } from './programs.mjs';

const source = join(import.meta.dirname, '../../node_modules/node-llama-cpp/llama');
const { tag } = JSON.parse(readFileSync(join(source, 'llama.cpp.info.json'), 'utf8'));

const cache = process.env.PARLEY_CACHE ?? join(homedir(), '.cache', 'parley');
const home = join(cache, 'llama-server', tag);

/** A native build runs on the kind of processor it was built on; a cache may travel. */
const processor = `${process.arch} ${cpus()[0]?.model ?? ''}`;

const tools = {
  name: 'llama-server',
  packages: { cmake: 'cmake', ninja: 'ninja-build', 'g++': 'g++', git: 'git' },
};

/** One program that stands alone; neither its web pages nor TLS are of use to tests. */
const settings = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DGGML_NATIVE=ON',
  '-DGGML_OPENMP=OFF',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
  '-DLLAMA_BUILD_APP=OFF',
  '-DLLAMA_BUILD_UI=OFF',
  '-DLLAMA_USE_PREBUILT_UI=OFF',
  '-DLLAMA_OPENSSL=OFF',
];

/** Two cores need 5 minutes; a build that takes longer than this goes on at the next call. */
const buildTimeoutMs = 60 * 60_000;

function run(program, ...args) {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: buildTimeoutMs,
    maxBuffer: 64 * 2 ** 20,
  });
  if (result.status === 0) return;
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`.slice(-2_000);
  throw new Error(`${program} ${args.slice(0, 3).join(' ')} … failed: ${result.error?.message ?? output}`);
}

function isBuilt() {
  const built = join(home, 'processor.txt');
  return existsSync(built) && readFileSync(built, 'utf8') === processor;
}

/** Builds beside its place, then moves it there: a folder that is there is whole. */
function build() {
  const work = `${home}.part`;
  const [code, made, whole] = ['source', 'build', 'whole'].map((name) => join(work, name));
  mkdirSync(work, { recursive: true });
  if (!existsSync(join(code, 'CMakeLists.txt'))) {
    rmSync(code, { recursive: true, force: true });
    run('git', '-c', 'advice.detachedHead=false', 'clone', join(source, 'gitRelease.bundle'), code);
  }
  run('cmake', '-S', code, '-B', made, '-G', 'Ninja', ...settings);
  run('nice', '-n', '19', 'ninja', '-C', made, '-j', String(availableParallelism()), 'llama-server');
  mkdirSync(whole, { recursive: true });
  renameSync(join(made, 'bin', 'llama-server'), join(whole, 'llama-server'));
  run(join(whole, 'llama-server'), '--version');
  writeFileSync(join(whole, 'processor.txt'), processor);
  rmSync(home, { recursive: true, force: true });
  renameSync(whole, home);
  rmSync(work, { recursive: true, force: true });
}

/** Builds it unless it is there. @returns false when it failed. */
export function provisionLlamaServer() {
  if (isBuilt()) {
    console.log(`provision: llama-server ${tag} is there`);
    return true;
  }
  if (!provisionPrograms(tools)) return false;
  // What cannot be installed here has been named.
  if (Object.keys(tools.packages).some((program) => findProgram(program) === undefined)) return true;
  console.log(`provision: building llama-server ${tag} (MIT), which takes some minutes`);
  try {
    build();
    console.log(`provision: llama-server ${tag} is in ${home}`);
    return true;
  } catch (error) {
    console.error(
      `provision: ${error.message}\nprovision: tests on llama-server will be skipped (in CI they fail).`,
    );
    return false;
  }
}
