import type { EndReason } from '../../../ports/engine.ts';
import type { AnswerChannel } from '../engine-parts/answer-channel.ts';
import { StopMatcher } from '../engine-parts/stop-matcher.ts';
import type { ChatEvent, RemoteUsage } from './chat-events.ts';

/** A token of text is seldom longer; a server that goes on and on is cut off. */
const charsPerToken = 64;

/** What an answer has brought so far, over all tries, and how it reaches its reader. */
export class AnswerLog {
  readonly #channel: AnswerChannel;
  readonly #matcher: StopMatcher;
  readonly #inputTokens: number;
  readonly #queueMs: number;
  #charsLeft: number;
  #pieces = 0;
  #usage: RemoteUsage | undefined;
  #reason: EndReason | undefined;
  #isStarted = false;

  /** @param mostTokens of the answer */
  constructor(
    channel: AnswerChannel,
    answer: { stop: readonly string[]; inputTokens: number; mostTokens: number; queueMs: number },
  ) {
    this.#channel = channel;
    this.#matcher = new StopMatcher(answer.stop);
    this.#inputTokens = answer.inputTokens;
    this.#queueMs = answer.queueMs;
    this.#charsLeft = answer.mostTokens * charsPerToken;
  }

  /** Whether the model has said something: from then on nothing can be tried again. */
  get hasText(): boolean {
    return this.#pieces > 0;
  }

  /** Whether the answer's text is complete; its usage may still come. */
  get isComplete(): boolean {
    return this.#reason !== undefined;
  }

  /** Whether the reader has been told the end. */
  get isFinished(): boolean {
    return this.#channel.closed;
  }

  /** Whether the server counted. */
  get isCounted(): boolean {
    return this.#usage !== undefined;
  }

  /** @returns whether the rest of the stream is of no use. */
  take(event: ChatEvent): boolean {
    this.#start();
    this.#usage = event.usage ?? this.#usage;
    if (this.isComplete) return false;
    const isCut = event.text !== '' && this.#say(event.text);
    if (isCut) return true;
    if (event.reason === undefined) return false;
    this.#push(this.#matcher.end());
    this.#reason = event.reason;
    return false;
  }

  /** Ends the answer; `reason` where the model did not end it by itself. */
  finish(reason?: EndReason): void {
    if (reason !== undefined && !this.isComplete) this.#push(this.#matcher.end());
    this.#channel.push({
      type: 'finished',
      reason: this.#reason ?? reason ?? 'stop',
      inputTokens: this.#usage?.inputTokens ?? this.#inputTokens,
      outputTokens: this.#usage?.outputTokens ?? this.#pieces,
      queueMs: this.#queueMs,
    });
  }

  #start(): void {
    if (!this.#isStarted) this.#channel.push({ type: 'started', inputTokens: this.#inputTokens });
    this.#isStarted = true;
  }

  #say(text: string): boolean {
    this.#pieces++;
    this.#charsLeft -= text.length;
    const { text: certain, stopped } = this.#matcher.push(text);
    this.#push(certain);
    if (stopped) this.#reason = 'stop';
    else if (this.#charsLeft <= 0) this.#reason = 'length';
    return this.isComplete;
  }

  #push(text: string): void {
    if (text !== '') this.#channel.push({ type: 'chunk', text, tokenIds: [] });
  }
}
