import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigCopy } from './support/config-copy.ts';
import { eventually } from './support/test-fleet.ts';

/** `parley up` as a user runs it: a process of its own, its output, its exit code. */
const root = join(import.meta.dirname, '../../..');

interface Run {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  output(): string;
}

const running: Run[] = [];
const folders: string[] = [];

function up(...args: string[]): Run {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_')));
  const child = spawn(process.execPath, [join(root, 'libs/cli/bin/parley.mjs'), 'up', ...args], {
    cwd: root,
    env,
  });
  let text = '';
  child.stdout.on('data', (piece: Buffer) => (text += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (text += piece.toString()));
  const exit = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  const run = { child, output: () => text, exit };
  running.push(run);
  return run;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-up-'));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const run of running.splice(0)) {
    if (run.child.exitCode === null) run.child.kill('SIGTERM');
    await run.exit;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface FleetFile {
  url: string;
  instances: { service: string; pid: number }[];
}

async function isUp(run: Run, dataDir: string): Promise<FleetFile> {
  return eventually(`the fleet is up: ${run.output()}`, 60_000, async () =>
    run.output().includes('curl http')
      ? (JSON.parse(readFileSync(join(dataDir, 'fleet.json'), 'utf8')) as FleetFile)
      : undefined,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('parley up', () => {
  it('prints URL, key and data folder; Ctrl-C drains in order; a second start keeps key and data', async () => {
    const data = join(temporaryFolder(), 'data');
    const first = up('--port', '0', '--data', data);
    const file = await isUp(first, data);
    const key = readFileSync(join(data, 'api-key'), 'utf8').trim();
    for (const part of [file.url, key, data]) expect(first.output()).toContain(part);
    expect(statSync(join(data, 'api-key')).mode & 0o777).toBe(0o600);
    expect(file.instances).toHaveLength(5);
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const created = await fetch(`${file.url}/v1/responses`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model: 'default', input: 'hi' }),
    });
    const { id } = (await created.json()) as { id: string };
    first.child.kill('SIGINT');
    expect(await first.exit).toBe(0);
    const stopped = [...first.output().matchAll(/(\w+) (?:has )?stopped/g)].map((match) => match[1]);
    const order = ['gateway', 'dialogue', 'model', 'logging', 'monitoring'];
    expect(stopped.filter((name) => order.includes(name ?? ''))).toEqual(order);
    for (const { pid } of file.instances) expect(isAlive(pid)).toBe(false);

    const second = up('--port', '0', '--data', data);
    const again = await isUp(second, data);
    expect(readFileSync(join(data, 'api-key'), 'utf8').trim()).toBe(key);
    const kept = await fetch(`${again.url}/v1/responses/${id}`, { headers });
    expect(kept.status).toBe(200);
    second.child.kill('SIGINT');
    expect(await second.exit).toBe(0);
  });

  it('refuses a second fleet on one data folder', async () => {
    const data = join(temporaryFolder(), 'data');
    await isUp(up('--port', '0', '--data', data), data);
    const second = up('--port', '0', '--data', data);
    expect(await second.exit).toBe(1);
    expect(second.output()).toMatch(/another fleet/i);
    expect(second.output()).toContain(data);
  });

  it('refuses a port in use, with nothing half-started', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const port = (server.address() as AddressInfo).port;
    const data = join(temporaryFolder(), 'data');
    const run = up('--port', String(port), '--data', data);
    expect(await run.exit).toBe(1);
    server.close();
    expect(run.output()).toContain(String(port));
    expect(run.output()).toMatch(/in use|taken/i);
    expect(run.output()).not.toMatch(/\n\s+at /);
    expect(existsSync(join(data, 'fleet.json'))).toBe(false);
  });

  it('refuses a data folder that cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const run = up('--port', '0', '--data', join(file, 'data'));
    expect(await run.exit).toBe(1);
    expect(run.output()).toContain(join(file, 'data'));
    expect(run.output()).not.toMatch(/\n\s+at /);
  });

  it('refuses a config file at fault, naming file, line and path', async () => {
    const config = temporaryFolder();
    mkdirSync(join(config, 'models'));
    const document = [
      'apiVersion: parley/v1',
      'kind: Model',
      'metadata: { name: bad, version: 1.0.0 }',
      'spec:',
      '  engine: gguf',
      '  path: bad.gguf',
      '  context: { tokens: many, slots: 1 }',
    ];
    writeFileSync(join(config, 'models', 'bad.yaml'), document.join('\n'));
    const data = join(temporaryFolder(), 'data');
    const run = up('--port', '0', '--data', data, '--config', config);
    expect(await run.exit).toBe(1);
    expect(run.output()).toMatch(/bad\.yaml:7/);
    expect(run.output()).toMatch(/spec\.context\.tokens/);
    expect(run.output()).not.toMatch(/\n\s+at /);
    expect(existsSync(join(data, 'fleet.json'))).toBe(false);
  });

  it('refuses an assistant at fault, naming file, line and path', async () => {
    using config = new ConfigCopy();
    config.change('assistants/helper.yaml', (text) => text.replace('maxTokens: 512', 'maxTokens: many'));
    const line = config.read('assistants/helper.yaml').split('maxTokens: many')[0]?.split('\n').length;
    const data = join(temporaryFolder(), 'data');
    const run = up('--port', '0', '--data', data, '--config', config.dir);
    expect(await run.exit).toBe(1);
    expect(run.output()).toContain(`${config.dir}/assistants/helper.yaml:${line}: spec.sampling.maxTokens: `);
    expect(run.output()).not.toMatch(/\n\s+at /);
    expect(existsSync(join(data, 'fleet.json'))).toBe(false);
  });

  it('takes its services with it when it is killed', async () => {
    const data = join(temporaryFolder(), 'data');
    const run = up('--port', '0', '--data', data);
    const file = await isUp(run, data);
    run.child.kill('SIGKILL');
    await run.exit;
    await eventually('no service is left', 20_000, async () =>
      file.instances.every(({ pid }) => !isAlive(pid)) ? true : undefined,
    );
  });
});
