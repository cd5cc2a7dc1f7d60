import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** An example as its users run it: a process of its own. Disposing kills it. */
export interface RunningConsumer extends AsyncDisposable {
  /** What it has printed. */
  readonly lines: readonly string[];
  /** What it has complained about. */
  errors(): string;
  /** Ends it and waits. @returns its exit code, or the name of the signal it died of. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string>;
}

/** Starts a consumer; `variables` tell it what to read. */
export function startConsumer(
  command: readonly string[],
  variables: Readonly<Record<string, string>>,
): RunningConsumer {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  let stderr = '';
  child.stderr.on('data', (piece) => (stderr += String(piece)));
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string> => {
    child.kill(signal);
    await closed;
    return child.exitCode ?? child.signalCode ?? -1;
  };
  return {
    lines,
    errors: () => stderr,
    end,
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  };
}
