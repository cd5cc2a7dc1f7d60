import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandLine } from './fakes/command-line.ts';
import type { CommandLine } from './fakes/command-line.ts';

let cli: CommandLine;
beforeEach(() => {
  cli = commandLine();
  writeFileSync(join(cli.config, 'models/a.yaml'), 'kind: Model\nmetadata: { name: a }\n');
});
afterEach(() => cli[Symbol.dispose]());

describe('parley config check', () => {
  it('accepts documents that are well', async () => {
    const run = cli.parley(['config', 'check']);
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe(`1 file of documents is valid in ${cli.config}\n`);
  });

  it('names file and line of a document that is not YAML', async () => {
    const file = join(cli.config, 'models/b.yaml');
    writeFileSync(file, 'kind: Model\nspec: { path: [\n');
    const run = cli.parley(['config', 'check', '--json']);
    expect(await run.ended).toBe(1);
    const { ok, faults } = JSON.parse(run.stdout()) as {
      ok: boolean;
      faults: { file: string; line: number }[];
    };
    expect(ok).toBe(false);
    expect(faults[0]).toMatchObject({ file, line: 3 });
  });

  it('takes several documents of one file, and looks past the links of a mounted ConfigMap', async () => {
    const two = 'kind: Model\nmetadata: { name: b }\n---\nkind: Model\nmetadata: { name: c }\n';
    mkdirSync(join(cli.config, '..2026'));
    writeFileSync(join(cli.config, '..2026/b.yaml'), two);
    symlinkSync('..2026', join(cli.config, '..data'));
    symlinkSync('..data/b.yaml', join(cli.config, 'b.yaml'));
    const run = cli.parley(['config', 'check']);
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe(`2 files of documents are valid in ${cli.config}\n`);
  });

  it('asks every service what it thinks of its documents', async () => {
    const faults = [
      `${join(cli.config, 'models/a.yaml')}:2: spec.engine: expected one of gguf`,
      `${join(cli.config, 'assistants/b.yaml')}:7: spec.instructions.zh-CN: must not be empty`,
    ];
    for (const [index, name] of ['check-models', 'check-assistants'].entries()) {
      const says = `if (process.argv[2] === '${cli.config}') console.log('${faults[index]}');`;
      writeFileSync(join(cli.dir, `${name}.mjs`), `${says}\nprocess.exitCode = 1;\n`);
    }
    const run = cli.parley(['config', 'check']);
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toBe(`${faults.join('\n')}\n`);
    const json = cli.parley(['config', 'check', '--json']);
    await json.ended;
    expect(JSON.parse(json.stdout()).faults).toMatchObject([
      { line: 2, path: 'spec.engine', message: 'expected one of gguf' },
      { line: 7, path: 'spec.instructions.zh-CN', message: 'must not be empty' },
    ]);
  });

  it('says so when a checker fails without a word', async () => {
    writeFileSync(join(cli.dir, 'check-models.mjs'), 'process.exitCode = 3;\n');
    const run = cli.parley(['config', 'check']);
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toContain('check-models.mjs ended with exit code 3.');
  });

  it('reports every variable of the environment that makes no sense', async () => {
    const run = cli.parley(['config', 'check'], {
      PARLEY_LOG_LEVEL: 'loud',
      PARLEY_DRAIN_TIMEOUT_MS: 'long',
    });
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toContain('PARLEY_LOG_LEVEL');
    expect(run.stderr()).toContain('PARLEY_DRAIN_TIMEOUT_MS');
  });
});
