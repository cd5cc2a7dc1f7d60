import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { bundledModelFile } from './support/bundled-model.ts';

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the service as the command line does. */
function program(name: string, ...args: readonly string[]): Promise<Run> {
  const script = join(import.meta.dirname, `../src/${name}.ts`);
  const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@parley/source'];
  return new Promise((resolve) => {
    execFile(process.execPath, [...flags, script, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('the program that looks at model files', () => {
  it('says of a split file what it says of the whole one, and what fits here', async () => {
    await using folder = await temporaryFolder();
    const split = await program('split-model', bundledModelFile, '--parts', '2', '--out', folder.path);
    expect(split).toMatchObject({ code: 0, stderr: '' });
    expect(split.stdout).toMatch(
      /^parley-tiny-00001-of-00002\.gguf {2}\d+ bytes {2}sha256 [0-9a-f]{12}…\n.*00002/,
    );
    const whole = JSON.parse((await program('inspect-model', bundledModelFile)).stdout) as Record<
      string,
      unknown
    >;
    const parts = JSON.parse((await program('inspect-model', folder.path)).stdout) as Record<string, unknown>;
    expect(whole).toMatchObject({
      architecture: 'llama',
      quantization: 'F16',
      precision: 'fp16',
      layers: 4,
      license: 'mit',
      trainedContextTokens: 2048,
      contexts: [{ contextTokens: 2048, kvBytes: 2048 * 2560, fittingSlots: 256 }],
    });
    expect(parts).toMatchObject({ parts: 2, parameters: whole['parameters'], layers: 4 });
    expect(parts['files']).toHaveLength(2);
  });

  it.each([
    ['text', 'README.md', /README\.md cannot be read as GGUF: it does not begin with the magic GGUF/],
    ['nothing', 'nothing.gguf', /The weights file nothing\.gguf does not exist/],
    [
      'a folder of safetensors',
      '',
      /has no weights: it holds safetensors.*Convert it with: parley models convert .*engine: openai/,
    ],
  ])('says of %s what is wrong', async (_, name, message) => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'README.md'), '# A model that is none.\n'.repeat(10));
    await writeFile(join(folder.path, 'model.safetensors'), '');
    const { code, stdout, stderr } = await program('inspect-model', join(folder.path, name));
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });
});
