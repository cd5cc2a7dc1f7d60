import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { join } from 'node:path';
import { parleyRoot } from '@parley/fleet';
import { ParleyError } from '@parley/kernel';

/** The programs of the services that check documents. They are run, because libs never import a service. */
export const documentCheckers = [
  join(parleyRoot, 'services/model/dist/check-config.js'),
  join(parleyRoot, 'services/dialogue/dist/check-config.js'),
];

/** The programs of the model service that look at files. */
export const modelPrograms = {
  inspect: join(parleyRoot, 'services/model/dist/inspect-model.js'),
  split: join(parleyRoot, 'services/model/dist/split-model.js'),
} as const;

/** A program that runs documents' own tests. */
export interface DocumentTester {
  readonly script: string;
  /** The folders of the documents that it knows, below the configuration folder; undefined = any other. */
  readonly folders?: readonly string[];
}

/** The programs of the services that run documents' own tests. */
export const documentTesters: readonly DocumentTester[] = [
  { script: join(parleyRoot, 'services/dialogue/dist/check-flows.js') },
  {
    script: join(parleyRoot, 'services/dialogue/dist/check-conversations.js'),
    folders: ['assistants', 'strategies'],
  },
].filter(({ folders, script }) => folders === undefined || existsSync(script));

/** How a program ended and what it wrote. */
export interface ProgramRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a service's program to its end. @throws ParleyError `config_invalid` when it has not been built. */
export async function runProgram(script: string, args: readonly string[]): Promise<ProgramRun> {
  if (!existsSync(script)) {
    throw new ParleyError('config_invalid', `${script} is missing. Build it with: npm run build`);
  }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode: (code as number | null) ?? 1, stdout, stderr };
}
