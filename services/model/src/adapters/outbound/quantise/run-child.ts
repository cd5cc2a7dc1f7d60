import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ParleyError } from '@parley/kernel';
import type { ChildMessage } from './child-protocol.ts';

/** How a child is run. */
export interface ChildRun {
  /** What it does, for messages: "that writes x.gguf". */
  readonly what: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborting it ends the child at once. */
  readonly signal: AbortSignal;
  readonly onShare?: (share: number) => void;
}

/** One tensor of the largest models takes minutes; a child that says nothing for so long is stuck. */
const silenceMs = 15 * 60_000;
const keptErrorText = 2000;
/** From its result to its end. */
const endWithinMs = 5000;

const fromSource = import.meta.url.endsWith('.ts');
/** Set outright: what this process was started with (preloads, loaders) is not meant for the child. */
const execArgv = [
  '--disable-warning=ExperimentalWarning',
  ...(fromSource ? ['--conditions=@parley/source'] : []),
];

/**
 * Has a process of its own do a piece of native work: it yields to everything else, ends when this process does, and an
 * assertion in it ends nothing but the work.
 * @param name of the program in `child/`
 * @throws ParleyError of the child; `engine_failed` that says how it ended; the signal's reason.
 */
export async function runChild(name: string, order: object, run: ChildRun): Promise<unknown> {
  run.signal.throwIfAborted();
  const entry = new URL(`./child/${name}${fromSource ? '.ts' : '.js'}`, import.meta.url);
  const child = fork(fileURLToPath(entry), [], {
    execPath: process.execPath,
    execArgv,
    env: run.environment,
    serialization: 'json',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  run.signal.addEventListener('abort', kill, { once: true });
  const outcome = watch(child, run);
  child.send(order, () => undefined);
  try {
    return await outcome;
  } catch (error) {
    run.signal.throwIfAborted();
    throw error;
  } finally {
    run.signal.removeEventListener('abort', kill);
  }
}

/** Settles once the child has ended. */
async function watch(child: ChildProcess, run: ChildRun): Promise<unknown> {
  let last: ChildMessage | undefined;
  let words = '';
  let isSilent = false;
  const silence = setTimeout(() => {
    isSilent = true;
    child.kill('SIGKILL');
  }, silenceMs);
  child.on('message', (message: ChildMessage) => {
    silence.refresh();
    if (message.type === 'share') return run.onShare?.(message.share);
    last = message;
    // It was heard, so the child may end; what native code still holds must not keep it. That it is the child who closes
    // the channel matters: only then Node.js tells its end.
    if (child.connected) child.send('heard', () => undefined);
    setTimeout(() => child.kill('SIGKILL'), endWithinMs).unref();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    silence.refresh();
    words = (words + text).slice(-keptErrorText);
  });
  const how = await endOf(child);
  clearTimeout(silence);
  if (last?.type === 'result') return last.result;
  if (last?.type === 'failed') throw new ParleyError(last.code, last.message, { retryable: false });
  const why = isSilent ? `said nothing for ${silenceMs / 60_000} minutes and was ended` : how;
  const line = words.trim().split('\n').at(-1) ?? '';
  const message = `The process ${run.what} ${why}${line === '' ? '' : `: ${line.slice(0, 300)}`}.`;
  throw new ParleyError('engine_failed', message, { retryable: false });
}

async function endOf(child: ChildProcess): Promise<string> {
  const failed = once(child, 'error').then(([error]) => `could not start: ${String(error)}`);
  // After its end and that of its streams, so that all it said was heard.
  const closed = once(child, 'close').then(([code, signal]) =>
    signal === null ? `ended with exit code ${String(code)}` : `was ended by ${String(signal)}`,
  );
  return Promise.race([closed, failed]);
}
