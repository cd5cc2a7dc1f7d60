import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const fakeService = new URL('./fake-service.mjs', import.meta.url).href;
const parley = fileURLToPath(new URL('./parley-with-fakes.ts', import.meta.url));

/** One run of a command. */
export interface Run {
  readonly child: ChildProcess;
  /** Written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

/** A folder with fake services, a config folder and room for data, and the command line that uses them. */
export interface CommandLine extends Disposable {
  readonly dir: string;
  readonly data: string;
  readonly config: string;
  /** @param input what it reads; without it nothing */
  parley(args: readonly string[], env?: NodeJS.ProcessEnv, input?: string): Run;
}

/** Makes a command line; disposing kills what still runs and removes the folder. */
export function commandLine(): CommandLine {
  const dir = mkdtempSync(join(tmpdir(), 'parley-cli-'));
  const config = join(dir, 'config');
  const running = new Set<ChildProcess>();
  mkdirSync(join(config, 'models'), { recursive: true });
  for (const service of ['logging', 'model', 'dialogue', 'monitoring', 'gateway']) {
    writeFileSync(
      join(dir, `${service}.mjs`),
      `process.env.FAKE_SERVICE = '${service}';\nawait import('${fakeService}');\n`,
    );
  }
  return {
    dir,
    data: join(dir, 'data'),
    config,
    parley: (args, env = {}, input) => {
      const defaults = { PARLEY_DATA: join(dir, 'data'), PARLEY_CONFIG: config, PARLEY_PORT: '0' };
      const child = spawn(process.execPath, ['--conditions=@parley/source', parley, dir, ...args], {
        env: { PATH: process.env['PATH'], HOME: dir, ...defaults, ...env },
        stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
      child.stdin?.end(input);
      running.add(child);
      return runOf(child, () => running.delete(child));
    },
    [Symbol.dispose]: () => {
      for (const child of running) child.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Collects what a process writes and how it ends. */
export function runOf(child: ChildProcess, onEnd: () => void = () => undefined): Run {
  const written = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (written.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => {
    onEnd();
    return code as number | null;
  });
  return { child, stdout: () => written.stdout, stderr: () => written.stderr, ended };
}
