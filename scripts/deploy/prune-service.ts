/**
 * Makes a folder that runs one service and holds nothing else: the built workspaces that it needs, their packages from
 * the lockfile, the documents that it reads. The images are made with it.
 *
 *     node scripts/deploy/prune-service.ts gateway /out
 *     node scripts/deploy/prune-service.ts model /out --engine cuda
 *
 * `--engine cpu` (default) or `cuda`: which engine the model service gets. `/out/service` leads to the service.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { cudaEngine, forProduction, neededWorkspaces, prunedLockfile } from './pruned-lockfile.ts';
import type { Lockfile } from './pruned-lockfile.ts';

const root = join(import.meta.dirname, '../..');
const services = readdirSync(join(root, 'services')).toSorted();

/** What a service reads beside its code. */
const filesOf: Readonly<Record<string, readonly string[]>> = {
  dialogue: ['config'],
  model: ['config', 'libs/tiny-model/model'],
};

function readJson(path: string): object {
  return JSON.parse(readFileSync(path, 'utf8')) as object;
}

function writeJson(path: string, value: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** The engines of the machine that this runs on: an image is built on the platform that it is for. */
function enginesOf(engine: string): string[] {
  const cpu = `@node-llama-cpp/linux-${process.arch === 'arm' ? 'armv7l' : process.arch}`;
  if (engine === 'cpu') return [cpu];
  if (process.arch === 'x64') return [cpu, cudaEngine.name];
  throw new Error(`There is no CUDA engine for ${process.arch}; it is for x64.`);
}

/** Type declarations and the compiler's notes are of no use at run time. */
function copyWorkspace(folder: string, out: string): void {
  const built = join(root, folder, 'dist');
  if (!existsSync(built)) throw new Error(`${folder} is not built. Run: npm run build`);
  writeJson(join(out, folder, 'package.json'), forProduction(readJson(join(root, folder, 'package.json'))));
  const filter = (path: string): boolean => !/\.d\.ts(\.map)?$|\.tsbuildinfo$/.test(path);
  cpSync(built, join(out, folder, 'dist'), { recursive: true, filter });
}

function writeManifests(out: string, folders: readonly string[], engine: string, lockfile: Lockfile): void {
  const kept = ['name', 'version', 'license', 'type'];
  const own = Object.entries(readJson(join(root, 'package.json')));
  const manifest = {
    ...Object.fromEntries(own.filter(([key]) => kept.includes(key))),
    private: true,
    workspaces: folders,
    ...(engine === 'cuda' ? { dependencies: { [cudaEngine.name]: cudaEngine.version } } : {}),
  };
  // A lockfile knows no overrides: they stand in it as what they lead to.
  const overrides = Object.fromEntries(own.filter(([key]) => key === 'overrides'));
  writeJson(join(out, 'package.json'), { ...manifest, ...overrides });
  writeJson(join(out, 'package-lock.json'), prunedLockfile(lockfile, manifest, folders, enginesOf(engine)));
}

function install(out: string): void {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const args = ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', ...quiet];
  const { status, error } = spawnSync('npm', args, { cwd: out, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`npm ci failed in ${out}: ${error?.message ?? `exit code ${status}`}`);
}

/**
 * What packages carry for people and compilers: declarations, TypeScript sources, source maps, manuals, and the 35 MB
 * from which node-llama-cpp would build an engine. It is more than half of what is installed. Licences stay.
 */
function isForReading(path: string): boolean {
  if (/licen[cs]e|copying|notice/i.test(basename(path))) return false;
  return /\.([cm]?ts|map|md|markdown)$/.test(path) || path === 'node-llama-cpp/llama/gitRelease.bundle';
}

function slim(out: string): void {
  const packages = join(out, 'node_modules');
  for (const path of readdirSync(packages, { recursive: true, encoding: 'utf8' })) {
    // Links lead to the workspaces, whose source maps say where a line of a stack trace is.
    if (isForReading(path) && !path.startsWith('@parley')) rmSync(join(packages, path), { recursive: true });
  }
}

function prune(service: string, out: string, engine: string): void {
  if (!services.includes(service))
    throw new Error(`"${service}" is no service; there are ${services.join(', ')}.`);
  if (!['cpu', 'cuda'].includes(engine)) throw new Error(`--engine is cpu or cuda, not "${engine}".`);
  if (engine === 'cuda' && service !== 'model')
    throw new Error(`${service} has no engine: leave --engine out.`);
  if (existsSync(out) && readdirSync(out).length > 0) throw new Error(`${out} is not empty.`);
  const lockfile = readJson(join(root, 'package-lock.json')) as Lockfile;
  const folders = neededWorkspaces(lockfile, `services/${service}`);
  for (const folder of folders) copyWorkspace(folder, out);
  writeManifests(out, folders, engine, lockfile);
  install(out);
  slim(out);
  for (const path of filesOf[service] ?? []) cpSync(join(root, path), join(out, path), { recursive: true });
  cpSync(join(import.meta.dirname, 'healthcheck.mjs'), join(out, 'healthcheck.mjs'));
  symlinkSync(`services/${service}`, join(out, 'service'));
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { engine: { type: 'string', default: 'cpu' } },
  });
  const [service = '', out = ''] = positionals;
  if (out === '' || positionals.length > 2)
    throw new Error('Give a service and a folder: node scripts/deploy/prune-service.ts gateway /out');
  prune(service, out, values.engine);
} catch (error) {
  console.error(`prune-service: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
