import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { ParleyError } from '@parley/kernel';
import type { CliContext } from '../cli-context.ts';
import { inspectText } from '../models/inspect-text.ts';
import type { Inspection } from '../models/inspect-text.ts';
import { modelPrograms, runProgram } from '../service-programs.ts';

interface SplitOptions {
  readonly parts: number;
  readonly out?: string;
}

/** `parley models inspect` and `split`: they look at files of this machine and need no running fleet. */
export function addFileCommands(models: Command, { output, programs = modelPrograms }: CliContext): void {
  models
    .command('inspect <path>')
    .description('Says what a GGUF file, a split one or a folder is, and what of it fits here.')
    .option('--json', 'as JSON')
    .action(async (path: string, { json }: { readonly json?: boolean }) => {
      const text = await answerOf(programs.inspect, [resolve(path)]);
      output.out(json === true ? text : inspectText(JSON.parse(text) as Inspection));
    });
  models
    .command('split <file>')
    .description('Splits a GGUF file into parts, with a list of their digests beside them.')
    .requiredOption('--parts <count>', 'how many', parseParts)
    .option('--out <folder>', 'where they go; without it beside the file')
    .action(async (file: string, { parts, out }: SplitOptions) => {
      const place = out === undefined ? [] : ['--out', resolve(out)];
      output.out(await answerOf(programs.split, [resolve(file), '--parts', String(parts), ...place]));
    });
}

/** @throws ParleyError `config_invalid` with what the program says is wrong. */
async function answerOf(program: string, args: readonly string[]): Promise<string> {
  const [path = ''] = args;
  if (!existsSync(path)) throw new ParleyError('config_invalid', `${path} does not exist.`);
  const { exitCode, stdout, stderr } = await runProgram(program, args);
  if (exitCode === 0) return stdout.trimEnd();
  throw new ParleyError('config_invalid', stderr.trim() || `${program} ended with exit code ${exitCode}.`);
}

function parseParts(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 99999.');
}
