import { ParleyError } from '@parley/kernel';
import type { LogEntry } from '../log/log-entry.ts';
import type { Answer } from '../turn/answer.ts';
import type { TurnDocument } from '../turn/turn-document.ts';
import { turnError } from '../turn/turn.ts';
import type { EndedStatus, FinishReason, IncompleteReason, TurnError, Turn, Usage } from '../turn/turn.ts';

/** How a turn ends. */
export interface Ending {
  readonly status: EndedStatus;
  readonly finishReason?: FinishReason;
  readonly incompleteReason?: IncompleteReason;
  readonly error?: TurnError;
  readonly usage?: Usage | undefined;
  readonly queueMs?: number;
  readonly firstTokenMs?: number;
}

export const cancelled: Ending = { status: 'cancelled', finishReason: 'cancelled' };
export const ownerLost: Ending = { status: 'incomplete', incompleteReason: 'owner_lost' };
export const modelLost: Ending = { status: 'incomplete', incompleteReason: 'model_lost' };

export function failed(error: ParleyError): Ending {
  return { status: 'failed', error: turnError(error) };
}

/** Before the first token there is nothing to give, so the turn fails; after it the text stands. */
export function deadlinePassed(hasToken: boolean): Ending {
  if (hasToken) return { status: 'incomplete', finishReason: 'deadline', incompleteReason: 'deadline' };
  return failed(
    new ParleyError(
      'deadline_exceeded',
      'The model gave no token in the time allowed; try again or allow more time.',
    ),
  );
}

/** What the model's own reason for ending means for the turn. */
export function modelFinished(reason: Exclude<FinishReason, 'cancelled'>, hasToken: boolean): Ending {
  switch (reason) {
    case 'stop':
    case 'tool_calls':
      return { status: 'completed', finishReason: reason };
    case 'length':
      return { status: 'incomplete', finishReason: 'length', incompleteReason: 'max_output_tokens' };
    case 'deadline':
      return deadlinePassed(hasToken);
  }
}

/** A turn's last state and last entries, ready for the one commit. */
export interface EndedTurn {
  readonly document: TurnDocument;
  readonly entries: readonly LogEntry[];
}

/** What `endTurn` starts from. */
export interface UnendedTurn {
  readonly document: TurnDocument;
  /** Undefined: the text is not known here (an unstored turn of a dead owner). */
  readonly answer: Answer | undefined;
  /** Entries that have a number and are not in the log yet. */
  readonly pending: readonly LogEntry[];
  readonly nextSequence: number;
}

/** Closes the answer and the turn. */
export function endTurn(unended: UnendedTurn, ending: Ending, nowMs: number): EndedTurn {
  const { answer, pending, document } = unended;
  const itemStatus = ending.status === 'completed' ? 'completed' : 'incomplete';
  // A model that finished has answered, be it with nothing.
  const answered = ending.status === 'completed' || ending.finishReason === 'length';
  const said = answer !== undefined && (answer.begun || answered) ? answer : undefined;
  const bodies = said?.close(itemStatus) ?? [];
  const turn = endedTurn(document.turn, ending, said === undefined ? [] : said.items(itemStatus), nowMs);
  const last = unended.nextSequence + bodies.length;
  const entries = [...bodies, { type: 'turn_ended', turn } as const].map((body, index) => ({
    sequence: unended.nextSequence + index,
    body,
  }));
  return { document: { ...document, turn, lastSequence: last }, entries: [...pending, ...entries] };
}

function endedTurn(turn: Turn, ending: Ending, output: Turn['output'], nowMs: number): Turn {
  return {
    ...turn,
    status: ending.status,
    endedAtMs: nowMs,
    output,
    usage: ending.usage,
    timings: {
      queueMs: ending.queueMs ?? 0,
      firstTokenMs: ending.firstTokenMs ?? 0,
      totalMs: nowMs - turn.createdAtMs,
    },
    finishReason: ending.finishReason,
    incompleteReason: ending.incompleteReason,
    error: ending.error,
  };
}
