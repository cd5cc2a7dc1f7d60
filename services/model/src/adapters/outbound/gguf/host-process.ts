import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ParleyError } from '@parley/kernel';
import type { HostCommand, HostError, HostMessage, HostSettings } from './host-protocol.ts';

/** How a host process is started. */
export interface HostProcessOptions {
  /** What it runs, without the ending of its name: `./host/main` beside this file. */
  readonly entry?: URL;
  readonly settings: HostSettings;
  readonly environment: NodeJS.ProcessEnv;
  readonly onMessage: (message: HostMessage) => void;
}

/** The last words of a process on stderr that are kept: an assertion's text fits. */
const keptErrorText = 2000;
const closeGraceMs = 5000;
const killGraceMs = 2000;

const fromSource = import.meta.url.endsWith('.ts');
const ggufHost = new URL('./host/main', import.meta.url);
/** Set outright: what this process was started with (preloads, loaders) is not meant for the host. */
const execArgv = [
  '--disable-warning=ExperimentalWarning',
  ...(fromSource ? ['--conditions=@parley/source'] : []),
];

function unusable({ code, message }: HostError): ParleyError {
  return new ParleyError(code, message, { retryable: false });
}

/** One life of an engine host: a child process that holds native models. It ends when this process does. */
export class HostProcess {
  /** Resolves when it can take commands; rejects when it ends before. */
  readonly ready: Promise<void>;
  /** Resolves with how it ended, in words. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  #alive = true;
  #errorText = '';

  constructor(options: HostProcessOptions) {
    const entry = options.entry ?? ggufHost;
    this.#child = fork(
      `${fileURLToPath(entry)}${fromSource ? '.ts' : '.js'}`,
      [JSON.stringify(options.settings)],
      {
        execPath: process.execPath,
        execArgv,
        env: options.environment,
        serialization: 'json',
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      },
    );
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errorText = (this.#errorText + text).slice(-keptErrorText);
    });
    this.ended = this.#watchEnd();
    const ready = Promise.withResolvers<void>();
    this.#child.on('message', (message: HostMessage) => {
      if (message.type === 'ready') ready.resolve();
      else if (message.type === 'unusable') ready.reject(unusable(message.error));
      else options.onMessage(message);
    });
    void this.ended.then((how) => ready.reject(new Error(how)));
    this.ready = ready.promise;
    // Whoever waits for it sees the rejection; nobody may.
    this.ready.catch(() => undefined);
  }

  get alive(): boolean {
    return this.#alive;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What it wrote to stderr last. */
  get lastWords(): string {
    return this.#errorText.trim();
  }

  /** A command to a process that has ended is dropped: its end is told otherwise. */
  send(command: HostCommand): void {
    if (this.#child.connected) this.#child.send(command, () => undefined);
  }

  /** Ends it at once. */
  kill(): void {
    if (this.#alive) this.#child.kill('SIGKILL');
  }

  /** Lets it give its memory back, then ends it. */
  async close(): Promise<void> {
    if (!this.#alive) return;
    this.send({ type: 'close' });
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), closeGraceMs);
    await this.ended;
    clearTimeout(kill);
  }

  async #watchEnd(): Promise<string> {
    const failed = once(this.#child, 'error').then(([error]) => `could not start: ${String(error)}`);
    const exited = once(this.#child, 'exit').then(([code, signal]) =>
      signal === null ? `ended with exit code ${String(code)}` : `was ended by ${String(signal)}`,
    );
    const how = await Promise.race([exited, failed]);
    this.#alive = false;
    this.#child.removeAllListeners('message');
    await this.#drainErrorText();
    return how;
  }

  /** What it wrote before it ended may still be on its way. */
  async #drainErrorText(): Promise<void> {
    const { stderr } = this.#child;
    if (stderr === null || stderr.readableEnded || stderr.destroyed) return;
    await Promise.race([
      once(stderr, 'close').catch(() => undefined),
      new Promise<void>((resolve) => setTimeout(resolve, killGraceMs).unref()),
    ]);
  }
}
