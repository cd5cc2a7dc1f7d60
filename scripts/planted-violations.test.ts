import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A check that never fails checks nothing: each one is shown a violation planted in a copy of the tree. */
const root = join(import.meta.dirname, '..');
let copy = '';

function run(command: string, ...args: string[]): { ok: boolean; output: string } {
  const result = spawnSync(command, args, { cwd: copy, encoding: 'utf8' });
  return { ok: result.status === 0, output: `${result.stdout}${result.stderr}` };
}

function plant(file: string, text: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), text);
}

function withdraw(...files: string[]): void {
  for (const file of files) rmSync(join(copy, file));
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'parley-planted-'));
  const skipped = new Set(['.git', 'node_modules', '.nx', '.cache', '.parley', 'bench-results']);
  for (const entry of readdirSync(root)) {
    if (!skipped.has(entry)) {
      cpSync(join(root, entry), join(copy, entry), {
        recursive: true,
        filter: (path) => !/\/(dist|node_modules|\.venv)(\/|$)/.test(path),
      });
    }
  }
  linkNodeModules();
});

/** The copy uses the installed packages, but its own workspaces. */
function linkNodeModules(): void {
  const installed = join(root, 'node_modules');
  mkdirSync(join(copy, 'node_modules/@parley'), { recursive: true });
  for (const entry of readdirSync(installed)) {
    if (entry !== '@parley') symlinkSync(join(installed, entry), join(copy, 'node_modules', entry));
  }
  for (const group of ['libs', 'services']) {
    for (const name of readdirSync(join(copy, group))) {
      symlinkSync(join(copy, group, name), join(copy, 'node_modules/@parley', name));
    }
  }
}

afterAll(() => rmSync(copy, { recursive: true, force: true }));

const lint = (...files: string[]) => run('oxlint', '--type-aware', '--deny-warnings', ...files);

describe('the checks', () => {
  it('pass where nothing is wrong', () => {
    const file = 'libs/kernel/src/planted.ts';
    plant(file, 'export const planted = 1;\n');
    const linted = lint(file);
    const boundaries = run(process.execPath, 'scripts/boundaries.mjs');
    withdraw(file);
    expect(linted.ok, linted.output).toBe(true);
    expect(boundaries.ok, boundaries.output).toBe(true);
  }, 60_000);

  it('refuse a service that imports another service', () => {
    const file = 'services/gateway/src/adapters/outbound/planted.ts';
    plant(file, `import { x } from '../../../../dialogue/src/domain/planted.ts';\nexport const y = x;\n`);
    plant('services/dialogue/src/domain/planted.ts', 'export const x = 1;\n');
    const { ok, output } = run(process.execPath, 'scripts/boundaries.mjs');
    withdraw(file, 'services/dialogue/src/domain/planted.ts');
    expect(ok).toBe(false);
    expect(output).toContain('no-service-imports-a-service');
  }, 60_000);

  it('refuse a lib that imports rightwards', () => {
    const file = 'libs/kernel/src/planted.ts';
    plant(
      file,
      `import type { StateStore } from '@parley/state/ports';\nexport type Planted = StateStore;\n`,
    );
    const { ok, output } = run(process.execPath, 'scripts/boundaries.mjs');
    withdraw(file);
    expect(ok).toBe(false);
    expect(output).toContain('libs-leftwards-kernel');
  }, 60_000);

  it('refuse Nest inside a domain', () => {
    const file = 'services/dialogue/src/domain/planted.ts';
    plant(file, `import { Injectable } from '@nestjs/common';\nexport const planted = Injectable;\n`);
    const { ok, output } = lint(file);
    withdraw(file);
    expect(ok).toBe(false);
    expect(output).toContain('without frameworks or I/O');
  });

  it('refuse a cycle, type-only ones included', () => {
    const [a, b] = ['libs/kernel/src/planted-a.ts', 'libs/kernel/src/planted-b.ts'];
    plant(a, `import type { B } from './planted-b.ts';\nexport interface A { readonly b?: B }\n`);
    plant(b, `import type { A } from './planted-a.ts';\nexport interface B { readonly a?: A }\n`);
    const { ok, output } = lint(a, b);
    withdraw(a, b);
    expect(ok).toBe(false);
    expect(output).toContain('no-cycle');
  });

  it.each([
    ['an any', 'export const planted = (x: any): unknown => x;\n', 'no-explicit-any'],
    ['a non-null assertion', 'export const planted = (x?: string): string => x!;\n', 'no-non-null-assertion'],
    ['a default export', 'export default 1;\n', 'no-default-export'],
    [
      'a floating promise',
      'export const planted = (): void => {\n  Promise.resolve(1);\n};\n',
      'no-floating-promises',
    ],
    [
      'the environment read outside config.ts',
      'export const planted = process.env.HOME;\n',
      'no-process-env',
    ],
    ['a file of 301 lines', `${'export {};\n'.repeat(1)}${'// line\n'.repeat(300)}`, 'max-lines'],
  ])('refuse %s', (_name, text, rule) => {
    const file = 'libs/kernel/src/planted.ts';
    plant(file, text);
    const { ok, output } = lint(file);
    withdraw(file);
    expect(ok).toBe(false);
    expect(output).toContain(rule);
  });

  it('refuse a metric that is not in the schema', () => {
    const file = 'libs/telemetry/src/planted.ts';
    plant(
      file,
      `import { createMetrics } from './metrics.ts';\nexport const planted = createMetrics('gateway').counter('parley_planted_total');\n`,
    );
    const { ok, output } = run('tsc', '-p', 'libs/telemetry', '--noEmit', '--composite', 'false');
    withdraw(file);
    expect(ok).toBe(false);
    expect(output).toContain('parley_planted_total');
  }, 60_000);

  it('refuse a breaking change of a contract', () => {
    const file = join(copy, 'proto/parley/dialogue/v1/turns.proto');
    const original = readFileSync(file, 'utf8');
    writeFileSync(file, original.replace('string turn_id = 1;', 'uint32 turn_id = 1;'));
    const { ok, output } = run('buf', 'breaking', 'proto', '--against', 'proto/image.binpb');
    writeFileSync(file, original);
    expect(ok).toBe(false);
    expect(output).toContain('changed type');
  }, 30_000);
});
