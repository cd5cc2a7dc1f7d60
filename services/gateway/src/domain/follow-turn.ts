import { Deadline, ParleyError, sleep, systemClock, toParleyError } from '@parley/kernel';
import type { Clock, ErrorCode } from '@parley/kernel';
import type { Call } from '../ports/call.ts';
import type { Dialogue, LogBatches } from '../ports/dialogue.ts';
import type { LogEntry, StartTurn, Turn } from './turn.ts';

/** How long a turn's log is followed. */
export interface FollowLimits {
  /** The longest a turn may run; the same value goes to dialogue. */
  readonly turnTimeoutMs: number;
  /** How much longer to look for another dialogue instance, so that a turn whose owner died can be seen to end. */
  readonly graceMs: number;
}

const interruptions: ReadonlySet<ErrorCode> = new Set(['unavailable', 'overloaded']);
const firstBackoffMs = 100;
const longestBackoffMs = 1000;
/** An attach that fails sooner than this, with nothing read, was refused; one that fails later was interrupted. */
const settledMs = 1000;

/**
 * Follows a turn's log to its end. When the dialogue instance that served it goes away, a stored turn is attached to
 * again after the last entry given out, so that the caller sees one stream without a gap or a repeat.
 */
export class TurnFollower {
  readonly #dialogue: Dialogue;
  readonly #limits: FollowLimits;
  readonly #onInterrupted: (error: ParleyError) => void;
  readonly #clock: Clock;

  constructor(
    dialogue: Dialogue,
    limits: FollowLimits,
    onInterrupted: (error: ParleyError) => void,
    clock: Clock = systemClock,
  ) {
    this.#dialogue = dialogue;
    this.#limits = limits;
    this.#onInterrupted = onInterrupted;
    this.#clock = clock;
  }

  /**
   * Starts a turn. Ends after `turn_ended`. Under an Idempotency-Key it is asked for once more when a dialogue instance
   * goes away before its first entry: that starts the same turn, be it at another instance. One that hangs goes away
   * when its connection's pings are no longer answered, which takes 10 to 30 s.
   * @throws ParleyError what dialogue says, or why the turn was lost
   */
  start(command: StartTurn, call: Call): LogBatches {
    const start = (): LogBatches => this.#dialogue.start(command, call);
    const again = call.idempotency === undefined ? undefined : start;
    return this.#follow(start(), new Position(undefined, undefined), call, again);
  }

  /** Reads a stored turn after a number. A log that has no further entry gives nothing and ends. */
  attach(turnId: string, after: number | undefined, call: Call): LogBatches {
    return this.#follow(this.#dialogue.attach(turnId, after, call), new Position(turnId, after), call);
  }

  async *#follow(
    first: LogBatches,
    position: Position,
    call: Call,
    startAgain?: () => LogBatches,
  ): AsyncGenerator<readonly LogEntry[]> {
    let restart = startAgain;
    const until = Deadline.in(this.#limits.turnTimeoutMs + this.#limits.graceMs, this.#clock);
    const settled = Deadline.in(settledMs, this.#clock);
    let source = first;
    for (let attempt = 0; ; attempt++) {
      try {
        for await (const batch of source) {
          const fresh = position.advance(batch);
          if (fresh.length === 0) continue;
          attempt = 0;
          yield fresh;
        }
        // The call ends by itself right after the last entry; leaving before would cancel it, which costs both sides.
        if (position.ended || position.atEnd) return;
        throw new ParleyError(
          'unavailable',
          'The turn’s stream broke off before its end. Send the request again.',
        );
      } catch (thrown) {
        if (position.ended) return;
        if (call.signal.aborted) throw call.signal.reason;
        const error = toParleyError(thrown);
        if (restart !== undefined && !position.given && isAway(error) && !until.passed) {
          this.#onInterrupted(error);
          await sleep(firstBackoffMs, call.signal);
          source = restart();
          restart = undefined;
          continue;
        }
        const begun = position.given || settled.passed;
        if (until.passed || !begun || position.turnId === undefined || !interruptions.has(error.code))
          throw error;
        this.#onInterrupted(error);
        await sleep(Math.min(firstBackoffMs * 2 ** attempt, longestBackoffMs), call.signal);
        source = this.#dialogue.attach(position.turnId, position.last, call);
      }
    }
  }
}

function isAway(error: ParleyError): boolean {
  return error.code === 'unavailable' && error.retryable;
}

/** How far a log has been given out. */
class Position {
  #turnId: string | undefined;
  readonly #attached: boolean;
  #given = false;
  #last: number | undefined;
  #ended = false;

  constructor(turnId: string | undefined, after: number | undefined) {
    this.#turnId = turnId;
    this.#attached = turnId !== undefined;
    this.#last = after;
  }

  /** The turn that can be attached to; undefined while it has no id to go by or dialogue keeps no log of it. */
  get turnId(): string | undefined {
    return this.#turnId;
  }

  get last(): number | undefined {
    return this.#last;
  }

  get given(): boolean {
    return this.#given;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** A log that was attached to and read to its end without an entry has none after the number asked for. */
  get atEnd(): boolean {
    return this.#attached && !this.#given;
  }

  /** The entries of a batch that were not given out yet. */
  advance(batch: readonly LogEntry[]): readonly LogEntry[] {
    const last = this.#last;
    const fresh = last === undefined ? batch : batch.filter((entry) => entry.sequence > last);
    for (const entry of fresh) {
      this.#given = true;
      this.#last = entry.sequence;
      if (entry.kind === 'turn_created' && entry.turn.store) this.#turnId = entry.turn.id;
      if (entry.kind === 'turn_ended') this.#ended = true;
    }
    return fresh;
  }
}

/** The turn a log ends with. @throws ParleyError `unavailable` when the log ends without */
export async function finalTurn(batches: LogBatches): Promise<Turn> {
  let turn: Turn | undefined;
  for await (const batch of batches) {
    for (const entry of batch) if (entry.kind === 'turn_ended') turn = entry.turn;
  }
  if (turn !== undefined) return turn;
  throw new ParleyError(
    'unavailable',
    'The turn’s log ended without its last entry. Send the request again.',
  );
}
