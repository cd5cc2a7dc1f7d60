import type { ChildProcess } from 'node:child_process';
import { ParleyError, sleep } from '@parley/kernel';
import { Backoff } from './backoff.ts';
import type { FleetEvent, InstanceState } from './fleet.ts';
import type { Missing } from './readiness-report.ts';
import type { ServiceName } from './service-name.ts';

/** A first look soon, so that a fault that lasts does not hold up the start. */
const firstLookMs = 1_000;
const tellEveryMs = 5_000;

/** What an instance needs to run its process. */
export interface InstanceOptions {
  readonly service: ServiceName;
  readonly index: number;
  readonly startLimitMs: number;
  readonly stopLimitMs: number;
  /** Starts the process, with an IPC channel. */
  spawn(): ChildProcess;
  /** The last lines the process wrote, for the message of a failed start. */
  lastLines(): string[];
  /** What a running process lacks to be ready, as it tells itself. Never rejects. */
  whatIsMissing(): Promise<Missing>;
  onEvent(event: FleetEvent): void;
}

/** One supervised process: starts it, restarts it with backoff once it has been ready, ends it. */
export class Instance {
  readonly service: ServiceName;
  readonly index: number;
  readonly #options: InstanceOptions;
  readonly #backoff = new Backoff();
  #child: ChildProcess | undefined;
  #state: InstanceState = 'stopped';
  #restarts = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #retired = false;
  #forced = false;
  #firstStart: PromiseWithResolvers<void> | undefined;
  readonly #ended: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(options: InstanceOptions) {
    this.service = options.service;
    this.index = options.index;
    this.#options = options;
  }

  get state(): InstanceState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /**
   * Starts the process; resolves when it is ready, or runs with a fault that waiting does not mend.
   * @throws ParleyError `unavailable` when it ends or lets the start limit pass before that.
   */
  start(): Promise<void> {
    const first = Promise.withResolvers<void>();
    this.#firstStart = first;
    this.#launch();
    return first.promise;
  }

  /** From now on an end is an end: nothing is restarted. */
  retire(): void {
    this.#retired = true;
    if (this.#state === 'waiting') this.#setEnded();
  }

  /** Ends the process by SIGTERM, after the stop limit by SIGKILL. Resolves to whether it took SIGKILL. */
  async stop(): Promise<boolean> {
    this.retire();
    if (this.#child === undefined) return false;
    if (this.#state !== 'stopping') {
      this.#state = 'stopping';
      this.#setTimer(this.#options.stopLimitMs, () => this.#child?.kill('SIGKILL'));
      this.#child.kill('SIGTERM');
    }
    await this.#ended.promise;
    return this.#forced;
  }

  /** @throws ParleyError `not_found` when no process runs. */
  kill(signal: NodeJS.Signals): void {
    if (this.#child?.kill(signal) !== true)
      throw new ParleyError('not_found', `No process of ${this.#name} runs.`);
  }

  get #name(): string {
    return this.index === 0 ? this.service : `${this.service} ${this.index}`;
  }

  #launch(): void {
    const { service, index, startLimitMs } = this.#options;
    this.#state = 'starting';
    this.#startedAt = performance.now();
    const child = this.#spawn();
    if (child === undefined) return;
    this.#child = child;
    this.#options.onEvent({ type: 'starting', service, index, pid: child.pid });
    this.#setTimer(startLimitMs, () => void this.#startLimitPassed());
    child.on('message', (message) => this.#told(typeOf(message)));
    child.on('error', (error) => {
      if (child.pid === undefined) this.#gone(`could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      this.#forced = this.#state === 'stopping' && signal === 'SIGKILL';
      this.#gone(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
    });
  }

  #spawn(): ChildProcess | undefined {
    try {
      return this.#options.spawn();
    } catch (error) {
      this.#gone(`could not be started: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  #told(type: unknown): void {
    if (this.#state !== 'starting') return;
    // A restarted service that listens but waits for its neighbours is not ended for that: its own start is done.
    if (type === 'listening' && this.#firstStart === undefined) clearTimeout(this.#timer);
    if (type === 'listening' && this.#firstStart !== undefined) void this.#tellWhatIsMissing();
    if (type === 'ready') this.#becomeReady();
  }

  /** So that somebody who waits for a long load, or for one that cannot succeed, knows why. */
  async #tellWhatIsMissing(): Promise<void> {
    const { service, index } = this.#options;
    let told = '';
    let tellAt = performance.now() + tellEveryMs;
    for (;;) {
      await sleep(firstLookMs);
      if (this.#state !== 'starting') return;
      const { text, lasting } = await this.#options.whatIsMissing();
      if (this.#state !== 'starting') return;
      if (lasting || (text !== told && performance.now() >= tellAt)) {
        this.#options.onEvent({ type: 'not-ready', service, index, missing: text });
        told = text;
        tellAt = performance.now() + tellEveryMs;
      }
      if (lasting) return this.#runWithFault();
    }
  }

  /** The rest of the fleet starts all the same: it says what is wrong to whoever asks for what cannot be had. */
  #runWithFault(): void {
    clearTimeout(this.#timer);
    this.#firstStart?.resolve();
    this.#firstStart = undefined;
  }

  #becomeReady(): void {
    const { service, index } = this.#options;
    clearTimeout(this.#timer);
    this.#state = 'ready';
    this.#options.onEvent({ type: 'ready', service, index, durationMs: performance.now() - this.#startedAt });
    this.#firstStart?.resolve();
    this.#firstStart = undefined;
  }

  async #startLimitPassed(): Promise<void> {
    const child = this.#child;
    const missing = this.#firstStart === undefined ? '' : (await this.#options.whatIsMissing()).text;
    if (this.#child !== child || this.#state !== 'starting') return;
    const limit = `within ${this.#options.startLimitMs / 1000} s (--start-limit or PARLEY_START_LIMIT_S)`;
    this.#failFirstStart(`was not ready ${limit}${missing === '' ? '' : `: ${missing}`}`);
    child?.kill('SIGKILL');
  }

  #gone(reason: string): void {
    const { service, index } = this.#options;
    this.#child = undefined;
    clearTimeout(this.#timer);
    if (this.#retired) return this.#setEnded();
    if (this.#firstStart !== undefined) {
      this.#failFirstStart(reason);
      return this.#setEnded();
    }
    this.#options.onEvent({ type: 'exited', service, index, reason });
    this.#state = 'waiting';
    const inMs = this.#backoff.next(performance.now() - this.#startedAt);
    this.#options.onEvent({ type: 'restarting', service, index, inMs });
    this.#setTimer(inMs, () => {
      this.#restarts += 1;
      this.#launch();
    });
  }

  #failFirstStart(reason: string): void {
    if (this.#firstStart === undefined) return;
    const said = this.#options
      .lastLines()
      .map((line) => `\n  ${line}`)
      .join('');
    this.#firstStart.reject(
      new ParleyError('unavailable', `${this.#name} did not start: it ${reason}.${said}`),
    );
    this.#retired = true;
  }

  #setEnded(): void {
    clearTimeout(this.#timer);
    this.#state = 'stopped';
    this.#firstStart?.reject(new ParleyError('cancelled', `${this.#name} was stopped before it was ready.`));
    this.#firstStart = undefined;
    this.#ended.resolve();
  }

  #setTimer(ms: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, ms);
  }
}

function typeOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined;
}
