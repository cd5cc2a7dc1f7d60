import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePorts } from '@parley/fleet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cudaEngine, neededWorkspaces, prunedLockfile } from './pruned-lockfile.ts';
import type { Lockfile } from './pruned-lockfile.ts';
import { root } from './tools.ts';

const lockfileAt = (folder: string): Lockfile =>
  JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as Lockfile;
const whole = lockfileAt(root);

/** Some twenty thousand small files: on a busy disk that takes its time. */
const installLimitMs = 600_000;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-pruned-'));
  writeFileSync(join(folder, 'fleet-secret'), 's'.repeat(43), { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true, force: true }), installLimitMs);

/** What the Dockerfile runs. */
async function prune(...args: string[]): Promise<{ ok: boolean; stderr: string }> {
  const script = join(root, 'scripts/deploy/prune-service.ts');
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { ok: code === 0, stderr };
}

function filesOf(out: string): Map<string, { readonly size: number; readonly changed: number }> {
  const paths = readdirSync(out, { recursive: true, encoding: 'utf8' });
  const stats = paths.map((path) => [path, statSync(join(out, path))] as const);
  const files = stats.filter(([, stat]) => stat.isFile());
  return new Map(files.map(([path, { size, mtimeMs }]) => [path, { size, changed: mtimeMs }]));
}

/** Starts the service of a folder as its container does: of the environment it gets the settings only. */
async function start(out: string): Promise<{ child: ChildProcess; telemetryPort: number }> {
  const [telemetryPort = 0] = await freePorts(1);
  const child = spawn(process.execPath, [join(out, 'service/dist/main.js')], {
    cwd: out,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      HOME: '/nonexistent',
      NODE_ENV: 'production',
      PARLEY_LOG_LEVEL: 'error',
      PARLEY_GRPC_PORT: '0',
      PARLEY_PORT: '0',
      PARLEY_PUBLIC_GRPC_PORT: '0',
      PARLEY_TELEMETRY_PORT: String(telemetryPort),
      PARLEY_API_KEY: 'a-key',
      PARLEY_DIALOGUE_ADDRESS: '127.0.0.1:1',
      PARLEY_CONFIG: join(out, 'config'),
      PARLEY_DATA: folder,
      PARLEY_MODEL_CACHE: folder,
      PARLEY_FLEET_SECRET_FILE: join(folder, 'fleet-secret'),
    },
  });
  return { child, telemetryPort };
}

async function answers(port: number, path: string): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
  return response?.ok === true;
}

function healthcheck(out: string, port: number): number | null {
  const env = { PARLEY_TELEMETRY_PORT: String(port) };
  return spawnSync(process.execPath, [join(out, 'healthcheck.mjs')], { env }).status;
}

describe.each([
  { service: 'gateway', path: '/healthz', isReady: false, mostMegabytes: 70 },
  { service: 'model', path: '/readyz', isReady: true, mostMegabytes: 110 },
])('the folder that the image of $service holds', ({ service, path, isReady, mostMegabytes }) => {
  let out = '';
  beforeAll(async () => {
    out = join(folder, service);
    expect(await prune(service, out)).toEqual({ ok: true, stderr: '' });
  }, installLimitMs);

  it('has the workspaces and packages that the service needs in production, and no others', () => {
    const installed = lockfileAt(join(out)).packages;
    const needed = neededWorkspaces(whole, `services/${service}`);
    expect(readdirSync(join(out, 'services'))).toEqual([service]);
    expect(readdirSync(join(out, 'libs')).filter((name) => name !== 'tiny-model')).toEqual(
      needed.filter((name) => name.startsWith('libs/')).map((name) => name.slice('libs/'.length)),
    );
    expect(Object.values(installed).filter(({ dev }) => dev === true)).toEqual([]);
    const packages = readdirSync(join(out, 'node_modules'));
    for (const name of ['typescript', 'vitest', 'nx', 'oxlint', 'fast-check', 'openai'])
      expect(packages).not.toContain(name);
    expect(readdirSync(join(out, 'node_modules/@parley'))).toEqual(
      needed.map((name) => name.replace(/^\w+\//, '')).toSorted(),
    );
  });

  it('has no engine but the one of this platform, and nothing of a GPU', () => {
    const engines = [...filesOf(out).keys()].flatMap(
      (file) => /^node_modules\/@node-llama-cpp\/([^/]+)/.exec(file)?.[1] ?? [],
    );
    expect([...new Set(engines)]).toEqual(service === 'model' ? [`linux-${process.arch}`] : []);
  });

  it(`is small: at most ${mostMegabytes} MB`, () => {
    const bytes = [...filesOf(out).values()].reduce((sum, { size }) => sum + size, 0);
    expect(bytes / 1e6).toBeLessThan(mostMegabytes);
  });

  it('runs the service, which writes nothing there and ends on SIGTERM', async () => {
    const before = filesOf(out);
    const { child, telemetryPort } = await start(out);
    const ended = once(child, 'exit');
    try {
      await expect.poll(() => answers(telemetryPort, path), { timeout: 90_000, interval: 200 }).toBe(true);
      expect(healthcheck(out, telemetryPort)).toBe(isReady ? 0 : 1);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toEqual([0, null]);
    expect(filesOf(out)).toEqual(before);
    expect(healthcheck(out, telemetryPort)).toBe(1);
  }, 150_000);
});

describe('the folder of the image with CUDA', () => {
  it('has the engine for CUDA beside that of the CPU, of the version of node-llama-cpp, and no others', () => {
    const folders = neededWorkspaces(whole, 'services/model');
    const engines = ['@node-llama-cpp/linux-x64', cudaEngine.name];
    const manifest = { workspaces: folders, dependencies: { [cudaEngine.name]: cudaEngine.version } };
    const { packages } = prunedLockfile(whole, manifest, folders, engines);
    const found = Object.keys(packages).filter((path) => path.includes('@node-llama-cpp/'));
    expect(found.toSorted()).toEqual(engines.map((name) => `node_modules/${name}`));
    expect(packages[`node_modules/${cudaEngine.name}`]?.integrity).toMatch(/^sha512-/);
    expect(whole.packages['node_modules/node-llama-cpp']?.version).toBe(cudaEngine.version);
  });
});

describe('the script that makes it', () => {
  it.each([
    [['gatway', 'out'], '"gatway" is no service; there are dialogue, gateway, logging, model, monitoring.'],
    [['', 'out'], '"" is no service'],
    [['gateway'], 'Give a service and a folder'],
    [['gateway', 'out', '--engine', 'cuda'], 'gateway has no engine'],
    [['model', 'out', '--engine', 'metal'], '--engine is cpu or cuda, not "metal".'],
    [['model', root], 'is not empty'],
  ])('refuses %j', async (args, message) => {
    expect(await prune(...args)).toEqual({ ok: false, stderr: expect.stringContaining(message) });
  });
});
