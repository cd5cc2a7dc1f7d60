import { writeFileSync } from 'node:fs';
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
    expect(run.stdout()).toBe(`1 document is valid in ${cli.config}\n`);
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

  it('asks the model service what it thinks of its documents', async () => {
    const fault = `${join(cli.config, 'models/a.yaml')}:2: spec.engine: expected one of gguf`;
    writeFileSync(
      join(cli.dir, 'check-config.mjs'),
      `if (process.argv[2] === '${cli.config}') console.error('${fault}');\nprocess.exitCode = 1;\n`,
    );
    const run = cli.parley(['config', 'check']);
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toBe(`${fault}\n`);
    const json = cli.parley(['config', 'check', '--json']);
    await json.ended;
    expect(JSON.parse(json.stdout()).faults[0]).toMatchObject({
      line: 2,
      path: 'spec.engine',
      message: 'expected one of gguf',
    });
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
