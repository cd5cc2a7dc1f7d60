import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '@parley/testing';
import { runOf } from './fakes/command-line.ts';

const bin = (name: string): string => new URL(`../bin/${name}`, import.meta.url).href;
const long = new Date('2020-01-01');

/** A checkout whose compiler and npm only note that they were called. */
class Checkout {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
    for (const file of [
      'proto/a.proto',
      'libs/contracts/src/gen/a.ts',
      'libs/contracts/tsconfig.json',
      'libs/cli/src/index.ts',
    ])
      this.write(file);
    for (const folder of ['libs/cli/src', 'proto', 'libs/contracts/src/gen', 'libs/contracts/src'])
      utimesSync(join(root, folder), long, long);
    mkdirSync(join(root, 'libs/contracts/dist'), { recursive: true });
    this.program('tsc', 'echo "tsc $@" >> calls');
    this.program('npm', 'echo "npm $@" >> calls');
  }

  write(file: string, at = long): void {
    mkdirSync(dirname(join(this.root, file)), { recursive: true });
    writeFileSync(join(this.root, file), '');
    utimesSync(join(this.root, file), at, at);
  }

  program(name: string, body: string): void {
    this.write(`node_modules/.bin/${name}`);
    writeFileSync(join(this.root, 'node_modules/.bin', name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(this.root, 'node_modules/.bin', name), 0o755);
  }

  async build(): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const script = `
      import { buildIfStale } from '${bin('build-if-stale.mjs')}';
      const begun = performance.now();
      await buildIfStale('${this.root}').catch((error) => { console.error(error.userMessage); process.exitCode = 1; });
      console.log(performance.now() - begun);`;
    const run = runOf(spawn(process.execPath, ['--input-type=module', '--eval', script]));
    const code = await run.ended;
    return { code, stdout: run.stdout(), stderr: run.stderr() };
  }

  calls(): string[] {
    const file = join(this.root, 'calls');
    const calls = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    rmSync(file, { force: true });
    return calls;
  }
}

describe('building what is stale', () => {
  let checkout: Checkout;
  beforeEach(async () => {
    const folder = await temporaryFolder();
    checkout = new Checkout(folder.path);
    return () => folder[Symbol.asyncDispose]();
  });

  it('compiles once, and then not again until a source changes', async () => {
    await checkout.build();
    expect(checkout.calls()).toEqual(['tsc -b']);
    const second = await checkout.build();
    expect(checkout.calls()).toEqual([]);
    expect(second.stderr).toBe('');
    expect(Number(second.stdout)).toBeLessThan(100);

    checkout.write('services/model/src/main.ts', new Date());
    await checkout.build();
    expect(checkout.calls()).toEqual(['tsc -b']);
  });

  it('generates first when the contracts have changed or were never generated', async () => {
    checkout.write('proto/a.proto', new Date());
    await checkout.build();
    expect(checkout.calls()).toEqual(['npm run --silent generate', 'tsc -b']);

    rmSync(join(checkout.root, 'libs/contracts/src/gen'), { recursive: true });
    await checkout.build();
    expect(checkout.calls()[0]).toBe('npm run --silent generate');
  });

  it('compiles again when an output or a source was removed', async () => {
    await checkout.build();
    checkout.calls();
    rmSync(join(checkout.root, 'libs/contracts/dist'), { recursive: true });
    await checkout.build();
    expect(checkout.calls()).toEqual(['tsc -b']);
  });

  it('shows what the compiler said when it failed, and tries again next time', async () => {
    checkout.program('tsc', 'echo "src/a.ts(1,1): error TS1: no"; exit 2');
    for (const attempt of ['first', 'second']) {
      const { code, stderr } = await checkout.build();
      expect([attempt, code]).toEqual([attempt, 1]);
      expect(stderr).toContain('The build failed (tsc -b):\nsrc/a.ts(1,1): error TS1: no');
    }
  });

  it('does nothing where there are no sources', async () => {
    rmSync(join(checkout.root, 'proto'), { recursive: true });
    await checkout.build();
    expect(checkout.calls()).toEqual([]);
  });
});

describe('a Node that is too old', () => {
  const runAs = async (
    root: string,
    env: NodeJS.ProcessEnv,
  ): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const script = `
      import { isNodeTooOld, runOnOwnNode } from '${bin('own-node.mjs')}';
      if (!isNodeTooOld('20.19.0') || isNodeTooOld('24.0.0')) throw new Error('versions are read wrongly');
      try { await runOnOwnNode('${root}', '${root}/parley.mjs'); }
      catch (error) { console.error(error.userMessage); process.exitCode = 1; }`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script, '--', 'parley', 'up'], {
      env: { PATH: process.env['PATH'], ...env },
    });
    const run = runOf(child);
    const code = await run.ended;
    return { code, stdout: run.stdout(), stderr: run.stderr() };
  };

  it("hands over to the workspace's own, with the arguments and the exit code", async () => {
    await using folder = await temporaryFolder();
    new Checkout(folder.path).program('node', 'echo "$@"; exit 7');
    expect(await runAs(folder.path, {})).toEqual({
      code: 7,
      stdout: `${folder.path}/parley.mjs up\n`,
      stderr: '',
    });
  });

  it('is refused where there is no other', async () => {
    await using folder = await temporaryFolder();
    const { code, stderr } = await runAs(folder.path, {});
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Parley needs Node 24 or newer; this is Node ${process.versions.node}. Run npm ci, which brings one.`,
    );
  });
});
