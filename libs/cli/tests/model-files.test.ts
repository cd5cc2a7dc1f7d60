import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandLine } from './fakes/command-line.ts';
import type { CommandLine } from './fakes/command-line.ts';

const told = {
  files: ['/m/a-00001-of-00002.gguf', '/m/a-00002-of-00002.gguf'],
  architecture: 'gemma3',
  name: 'A model',
  license: 'gemma',
  quantization: 'Q4_K_M',
  precision: 'int4',
  parameters: 4_300_000_000,
  layers: 34,
  trainedContextTokens: 131_072,
  fileBytes: 2_489_757_856,
  hasTemplate: true,
  windowTokens: 1024,
  windowKvBytesPerToken: 100,
  memory: { availableBytes: 8 * 1024 ** 3, reserveBytes: 256 * 1024 ** 2, largestContext: 65_536 },
  contexts: [
    { contextTokens: 4096, kvBytes: 134_217_728, totalBytes: 2_700_000_000, fittingSlots: 40 },
    { contextTokens: 131_072, kvBytes: 9_000_000_000, totalBytes: 11_500_000_000, fittingSlots: 0 },
  ],
};

let cli: CommandLine;
beforeEach(() => {
  cli = commandLine();
  writeFileSync(join(cli.dir, 'a.gguf'), '');
  writeFileSync(
    join(cli.dir, 'inspect-model.mjs'),
    `console.log(${JSON.stringify(JSON.stringify(told))});\n`,
  );
  const echo = "console.log(process.argv.slice(3).join(' '));\n";
  writeFileSync(join(cli.dir, 'split-model.mjs'), echo);
});
afterEach(() => cli[Symbol.dispose]());

describe('parley models inspect', () => {
  it('says what a file is, what each context takes, and what fits here', async () => {
    const run = cli.parley(['models', 'inspect', join(cli.dir, 'a.gguf')]);
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe(`Architecture  gemma3
Name          A model
Licence       gemma
Weights       4.3 B
Quantisation  Q4_K_M (int4)
Size          2.3 GiB in 2 parts
Layers        34
Context       131072 tokens as trained; some layers see 1024 tokens only
Chat template yes

CONTEXT  KV A REQUEST  ONE AT ONCE  FIT HERE AT ONCE
   4096     128.0 MiB      2.5 GiB                40
 131072       8.4 GiB     10.7 GiB                 0

8.0 GiB of memory are free here, of which 256.0 MiB stay in reserve.
`);
  });

  it('gives the same as JSON', async () => {
    const run = cli.parley(['models', 'inspect', join(cli.dir, 'a.gguf'), '--json']);
    expect(await run.ended).toBe(0);
    expect(JSON.parse(run.stdout())).toEqual(told);
  });

  it('says what is wrong with a file, in one line', async () => {
    writeFileSync(
      join(cli.dir, 'inspect-model.mjs'),
      "console.error('a.gguf cannot be read as GGUF: no magic'); process.exitCode = 1;\n",
    );
    const run = cli.parley(['models', 'inspect', join(cli.dir, 'a.gguf')]);
    expect(await run.ended).toBe(1);
    expect(run.stderr()).toContain('a.gguf cannot be read as GGUF: no magic');
    const missing = cli.parley(['models', 'inspect', join(cli.dir, 'b.gguf')]);
    expect(await missing.ended).toBe(1);
    expect(missing.stderr()).toContain('b.gguf does not exist');
  });
});

describe('parley models split', () => {
  it('hands file, parts and folder on', async () => {
    const run = cli.parley(['models', 'split', join(cli.dir, 'a.gguf'), '--parts', '4', '--out', '/tmp/x']);
    expect(await run.ended).toBe(0);
    expect(run.stdout()).toBe('--parts 4 --out /tmp/x\n');
    const none = cli.parley(['models', 'split', join(cli.dir, 'a.gguf'), '--parts', 'some']);
    expect(await none.ended).not.toBe(0);
    expect(none.stderr()).toContain('whole number from 1 to 99999');
  });
});
