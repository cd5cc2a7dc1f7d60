import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ParleyError } from '@parley/kernel';

/** How a program is run. */
export interface ToolRun {
  /** What it does, for messages: "that converts x". */
  readonly what: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborting it ends the program and all that it started, at once. */
  readonly signal: AbortSignal;
  /** A program that takes longer, or says nothing for so long, is ended. */
  readonly timeLimitMs: number;
}

/** What a program said and how it ended. */
export interface ToolEnd {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  /** In words: "ended with exit code 1". */
  readonly how: string;
  /** The last of each. */
  readonly stdout: string;
  readonly stderr: string;
}

const keptText = 64 * 1024;

/**
 * Runs a program to its end. Its standard input is closed when this process ends, whichever way.
 * @throws ParleyError `unsupported` when there is no such program; `engine_failed` when it took too long; the signal's
 * reason.
 */
export async function runTool(program: string, args: readonly string[], run: ToolRun): Promise<ToolEnd> {
  run.signal.throwIfAborted();
  // A group of its own: what it starts ends with it, and a terminal's Ctrl-C is ours to hear.
  const child = spawn(program, args, {
    env: run.environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const limit = AbortSignal.timeout(run.timeLimitMs);
  const ending = AbortSignal.any([run.signal, limit]);
  const kill = (): void => killGroup(child.pid);
  ending.addEventListener('abort', kill, { once: true });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] = (said[name] + text).slice(-keptText);
    });
  child.stdin.on('error', () => undefined);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    run.signal.throwIfAborted();
    if (limit.aborted) throw tooLong(run);
    const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
    return { code: code ?? undefined, how, ...said };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw missing(program, run, error);
    throw error;
  } finally {
    ending.removeEventListener('abort', kill);
  }
}

/** The last line that tells of an error, else the last one, for messages. */
export function lastWords(text: string): string {
  const lines = text.trim().split('\n');
  return (lines.findLast((line) => /^(ERROR|Error|fatal)/.test(line)) ?? lines.at(-1) ?? '')
    .trim()
    .slice(0, 400);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function tooLong({ what, timeLimitMs }: ToolRun): ParleyError {
  const message = `The process ${what} took longer than ${timeLimitMs / 60_000} minutes and was ended.`;
  return new ParleyError('engine_failed', message, { retryable: false });
}

function missing(program: string, { what }: ToolRun, cause: unknown): ParleyError {
  const message = `There is no program ${program} on this machine for the process ${what}.`;
  return new ParleyError('unsupported', message, { cause });
}
