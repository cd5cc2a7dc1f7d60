import type { IncomingMessage } from 'node:http';
import { ParleyError, sleep, toParleyError } from '@parley/kernel';
import type { AnswerLog } from './answer-log.ts';
import { chatBody, chatEvent } from './chat-events.ts';
import type { ChatEvent } from './chat-events.ts';
import type { RemoteClient } from './remote-client.ts';
import { brokenOff, isConnectionFault } from './remote-faults.ts';
import type { RemoteSettings } from './remote-settings-schema.ts';
import { sseEvents } from './sse-events.ts';

const tries = 3;
const firstPauseMs = 200;
/** A server that asks for more patience is left to the caller's. */
const longestPauseMs = 10_000;
/** For usage, the mark of the end and the end of the stream, once the text is complete. */
const tailMs = 3_000;
const maxBodyBytes = 16 * 1024 * 1024;

/** What an answer needs of its model. */
export interface AnswerSurroundings {
  readonly client: RemoteClient;
  readonly timeouts: RemoteSettings['timeouts'];
  /** The server said something. */
  readonly onAlive: () => void;
  /** The connection failed. */
  readonly onTrouble: () => void;
}

/** One answer of a server: asked for again where nothing was said yet and another try may help. */
export class RemoteAnswer {
  readonly #around: AnswerSurroundings;
  readonly #body: unknown;
  readonly #log: AnswerLog;
  /** Aborts with the error that the answer ends with. */
  readonly #signal: AbortSignal;
  /** Milliseconds of `performance.now()`. */
  readonly #endAt: number;

  constructor(
    around: AnswerSurroundings,
    body: unknown,
    log: AnswerLog,
    limits: { signal: AbortSignal; endAt: number },
  ) {
    this.#around = around;
    this.#body = body;
    this.#log = log;
    this.#signal = limits.signal;
    this.#endAt = limits.endAt;
  }

  /** Resolves when the answer is finished. @throws ParleyError what it broke off with; the signal's reason. */
  async run(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once();
      } catch (thrown) {
        this.#signal.throwIfAborted();
        const error = toParleyError(thrown);
        if (isConnectionFault(error)) this.#around.onTrouble();
        const pauseMs = this.#pauseMs(error, attempt);
        if (pauseMs === undefined) throw error;
        await sleep(pauseMs, this.#signal);
      }
    }
  }

  /** How long to wait for another try; undefined where none makes sense. */
  #pauseMs(error: ParleyError, attempt: number): number | undefined {
    const mayHelp = isConnectionFault(error) || error.code === 'overloaded';
    if (!mayHelp || this.#log.hasText || attempt >= tries) return undefined;
    const jitter = 0.75 + Math.random() / 2;
    const pauseMs = error.retryAfterMs ?? firstPauseMs * 2 ** (attempt - 1) * jitter;
    const isWorthIt = pauseMs <= longestPauseMs && performance.now() + pauseMs < this.#endAt;
    return isWorthIt ? pauseMs : undefined;
  }

  async #once(): Promise<void> {
    const { client, timeouts } = this.#around;
    using watch = new TokenWatch(client.title, timeouts);
    const signal = AbortSignal.any([this.#signal, watch.signal]);
    try {
      const response = await client.send({
        method: 'POST',
        path: '/chat/completions',
        body: this.#body,
        signal,
      });
      await client.requireGood(response);
      await this.#read(response, watch);
    } catch (error) {
      this.#signal.throwIfAborted();
      // What is missing is the tail at most.
      if (this.#log.isComplete || this.#log.isFinished) return this.#log.finish();
      throw watch.signal.aborted ? (watch.signal.reason as ParleyError) : error;
    }
    if (!this.#log.isComplete && !this.#log.isFinished) throw brokenOff(client);
    this.#log.finish();
  }

  async #read(response: IncomingMessage, watch: TokenWatch): Promise<void> {
    const { client } = this.#around;
    const isStream = /text\/event-stream/i.test(response.headers['content-type'] ?? '');
    if (!isStream) return void this.#take(chatBody(await client.json(response, maxBodyBytes), client), watch);
    for await (const event of sseEvents(this.#bytes(response))) {
      const said = chatEvent(event, client);
      if (said === 'done') {
        watch.tail();
        // Some servers never say why they end. The rest is read all the same: it leaves the connection open for others.
        if (this.#log.isComplete || this.#log.hasText) this.#log.finish('stop');
        continue;
      }
      // Leaving the loop closes the connection.
      if (this.#take(said, watch)) return;
    }
  }

  #take(event: ChatEvent, watch: TokenWatch): boolean {
    const isOver = this.#log.take(event);
    if (this.#log.isComplete) watch.tail();
    else if (event.text !== '' || event.calls.length > 0 || event.reasons) watch.token();
    return isOver;
  }

  async *#bytes(response: IncomingMessage): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        this.#around.onAlive();
        yield chunk;
      }
    } catch (error) {
      throw brokenOff(this.#around.client, error);
    }
  }
}

/** Ends an answer whose tokens do not come. */
class TokenWatch implements Disposable {
  readonly #title: string;
  readonly #idleMs: number;
  readonly #stalled = new AbortController();
  #timer: NodeJS.Timeout;
  #isTail = false;

  constructor(title: string, { firstTokenMs, idleMs }: RemoteSettings['timeouts']) {
    this.#title = title;
    this.#idleMs = idleMs;
    this.#timer = this.#after(firstTokenMs);
  }

  get signal(): AbortSignal {
    return this.#stalled.signal;
  }

  /** Something of the answer came. */
  token(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#after(this.#idleMs);
  }

  /** The text is complete. */
  tail(): void {
    if (this.#isTail) return;
    this.#isTail = true;
    clearTimeout(this.#timer);
    this.#timer = this.#after(tailMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #after(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const message = `${this.#title} sent no token for ${ms / 1000} s.`;
      this.#stalled.abort(new ParleyError('engine_failed', message));
    }, ms);
  }
}
