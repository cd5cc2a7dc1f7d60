import type { EndReason } from '../../../ports/engine.ts';
import type { AnswerChannel } from '../engine-parts/answer-channel.ts';
import { StopMatcher } from '../engine-parts/stop-matcher.ts';
import type { ThoughtReader } from '../engine-parts/thought-reader.ts';
import type { ChatEvent, RemoteUsage } from './chat-events.ts';
import type { RemoteCall, RemoteCalls } from './remote-calls.ts';

/** A token of text is seldom longer; a server that goes on and on is cut off. */
const charsPerToken = 64;

/** What is known of an answer before it comes. */
export interface ExpectedAnswer {
  readonly stop: readonly string[];
  readonly inputTokens: number;
  /** Of the answer. */
  readonly mostTokens: number;
  readonly queueMs: number;
  readonly calls: RemoteCalls;
  /** Undefined: the model writes no thoughts into its answer. */
  readonly thoughts: ThoughtReader | undefined;
}

/** What an answer has brought so far, over all tries, and how it reaches its reader. */
export class AnswerLog {
  readonly #channel: AnswerChannel;
  readonly #matcher: StopMatcher;
  readonly #inputTokens: number;
  readonly #queueMs: number;
  readonly #calls: RemoteCalls;
  readonly #thoughts: ThoughtReader | undefined;
  #charsLeft: number;
  #pieces = 0;
  #usage: RemoteUsage | undefined;
  #reason: EndReason | undefined;
  #isStarted = false;

  constructor(channel: AnswerChannel, answer: ExpectedAnswer) {
    this.#channel = channel;
    this.#matcher = new StopMatcher(answer.stop);
    this.#inputTokens = answer.inputTokens;
    this.#queueMs = answer.queueMs;
    this.#calls = answer.calls;
    this.#thoughts = answer.thoughts;
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
    if (isCut || this.#call(event.calls)) return true;
    if (event.reason === undefined) return false;
    this.#pushRest();
    this.#reason = event.reason;
    return false;
  }

  /** Ends the answer; `reason` where the model did not end it by itself. */
  finish(reason?: EndReason): void {
    if (reason !== undefined && !this.isComplete) this.#pushRest();
    const why = this.#reason ?? reason ?? 'stop';
    this.#channel.push({
      type: 'finished',
      reason: why === 'stop' && this.#calls.count > 0 ? 'tool-calls' : why,
      inputTokens: this.#usage?.inputTokens ?? this.#inputTokens,
      outputTokens: this.#usage?.outputTokens ?? this.#pieces,
      queueMs: this.#queueMs,
      cachedTokens: this.#usage?.cachedTokens ?? 0,
    });
  }

  #start(): void {
    if (!this.#isStarted) this.#channel.push({ type: 'started', inputTokens: this.#inputTokens });
    this.#isStarted = true;
  }

  #say(text: string): boolean {
    this.#pieces++;
    this.#charsLeft -= text.length;
    const said = this.#thoughts === undefined ? text : this.#thoughts.push(text);
    const { text: certain, stopped } = this.#matcher.push(said);
    // What the model thinks is a sign of life.
    if (said === '') this.#channel.push({ type: 'chunk', text: '', tokenIds: [] });
    this.#push(certain);
    if (stopped) this.#reason = 'stop';
    else if (this.#charsLeft <= 0) this.#reason = 'length';
    return this.isComplete;
  }

  /** @returns whether there is too much of it */
  #call(pieces: readonly RemoteCall[]): boolean {
    for (const piece of pieces) {
      this.#pieces++;
      this.#charsLeft -= piece.arguments.length;
      const update = this.#calls.take(piece);
      if (update === undefined) continue;
      this.#pushRest();
      this.#channel.push(update);
    }
    if (this.#charsLeft <= 0) this.#reason = 'length';
    return this.isComplete;
  }

  /** What was held back because a stop string, or a thought, could begin with it. */
  #pushRest(): void {
    const { text, stopped } = this.#matcher.push(this.#thoughts?.end() ?? '');
    this.#push(stopped ? text : text + this.#matcher.end());
  }

  #push(text: string): void {
    if (text !== '') this.#channel.push({ type: 'chunk', text, tokenIds: [] });
  }
}
