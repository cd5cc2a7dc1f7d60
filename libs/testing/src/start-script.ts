import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A TypeScript file running as a process of its own. Disposing kills it. */
export interface RunningScript extends AsyncDisposable {
  /** Everything it has sent by `process.send`. */
  readonly messages: unknown[];
  /** Sends it a message. */
  send(message: string): void;
  /** Ends it at once, as a crash does: SIGKILL. */
  kill(): Promise<void>;
  /** Waits for its end; rejects with what it wrote to stderr when it failed. */
  done(): Promise<void>;
}

/**
 * Starts a script of a test from source, for what only several processes can show. The script must not import
 * `@parley/testing`: that needs vitest.
 * @param script for example `new URL('./support/writer.ts', import.meta.url)`.
 */
export function startScript(script: URL, args: readonly string[] = []): RunningScript {
  const child = fork(fileURLToPath(script), args, {
    execArgv: ['--conditions=@parley/source'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const closed = once(child, 'close');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await closed;
  };
  return {
    messages,
    send: (message) => void child.send(message),
    kill,
    done: async () => {
      await closed;
      if (child.exitCode !== 0) throw new Error(`${script.pathname} failed (${outcome(child)}): ${stderr}`);
    },
    [Symbol.asyncDispose]: kill,
  };
}

function outcome(child: ChildProcess): string {
  return child.signalCode ?? `exit code ${child.exitCode}`;
}
