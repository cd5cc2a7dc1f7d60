import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Starts a program and tells its process id. A reader beside it waits for the end of stdin, which comes when the test
 * process ends, in whichever way: it kills the program then and removes its folder.
 * Arguments: folder, program and its arguments.
 */
const keeper = `
  folder=$1; shift
  exec 3<&0
  "$@" </dev/null >>"$folder/output.log" 2>&1 3<&- &
  program=$!
  ( read -r _; trap '' TERM; kill -9 "$program"; rm -rf -- "$folder" ) <&3 >/dev/null 2>&1 &
  reader=$!
  echo "$program"
  wait "$program"; code=$?
  kill "$reader" 2>/dev/null
  exit "$code"
`;

const stopTimeoutMs = 10_000;

/** A running program of this machine. */
export interface RunningProgram {
  readonly pid: number;
  /** Ends it at once: SIGKILL. Resolves when it has ended. */
  kill(): Promise<void>;
  /** Asks it to end by a signal, and ends it at once when it has not after 10 s. */
  stop(signal: NodeJS.Signals): Promise<void>;
  /** Whether it has ended. */
  ended(): boolean;
  /** What it wrote last. */
  output(): string;
  /** Whether it wrote that. */
  wrote(text: string): boolean;
}

/** How a program runs. */
export interface RunOptions {
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whom it runs as; default: as this process. The folder must be theirs. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** Starts a program whose working data is in `folder`; it ends with this process at the latest, and the folder goes. */
export async function runProgram(
  command: string,
  args: readonly string[],
  folder: string,
  options: RunOptions = {},
): Promise<RunningProgram> {
  const log = join(folder, 'output.log');
  const begin = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  const written = (): string => readFileSync(log).subarray(begin).toString();
  const child = spawn('/bin/sh', ['-c', keeper, 'sh', folder, command, ...args], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...options.env },
    ...options.user,
  });
  const closed = once(child, 'close');
  const pid = Number(await firstLineOf(child));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null) signalQuietly(pid, signal);
    await closed;
  };
  return {
    pid,
    ended: () => child.exitCode !== null,
    output: () => written().slice(-2_000),
    wrote: (text) => written().includes(text),
    kill: () => end('SIGKILL'),
    stop: async (signal) => {
      const giveUp = setTimeout(() => signalQuietly(pid, 'SIGKILL'), stopTimeoutMs);
      await end(signal);
      clearTimeout(giveUp);
    },
  };
}

async function firstLineOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the keeper has no stdout');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the program could not be started');
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}
