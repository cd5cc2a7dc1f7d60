import { ParleyError } from '@parley/kernel';
import type { StoredTurn } from '@parley/state/ports';
import type { StrategyState, StrategyStep } from '../strategy/strategy.ts';
import type { Turn } from './turn.ts';

/** Whether a turn's events carry its text. */
export type RecordPolicy = 'full' | 'metadata';

/** On whose behalf a turn runs. */
interface TurnSubject {
  readonly tenant: string;
  readonly endUser: string;
  readonly requestId: string;
  readonly record: RecordPolicy;
  readonly traceparent?: string | undefined;
}

/** What the state store keeps of a turn: enough for any instance to answer for it and to end it. */
export interface TurnDocument {
  /** Grows with each change that an older reader would misread. */
  readonly version: 1;
  readonly turn: Turn;
  readonly subject: TurnSubject;
  /** When the whole turn's time is used up. */
  readonly deadlineAtMs: number;
  /** What the assistant's strategies keep for the turn that follows. */
  readonly strategies?: readonly StrategyState[] | undefined;
  /** What they did in this turn, in order. */
  readonly trace?: readonly StrategyStep[] | undefined;
  /** Number of the log's last entry, known once the turn has ended. */
  readonly lastSequence?: number | undefined;
}

/**
 * The stored form; that of an unstored turn is without text, so that nothing said outlives the call. The end of one with
 * an Idempotency-Key keeps what its answer shows, for those who ask again with the key.
 */
export function encodeDocument(document: TurnDocument): string {
  const { turn } = document;
  if (turn.store) return JSON.stringify(document);
  const isOutcome = turn.claim !== undefined && turn.status !== 'in_progress';
  const kept = isOutcome ? { ...turn, input: [], tools: undefined } : withoutText(turn);
  return JSON.stringify({ ...document, turn: kept, strategies: undefined });
}

/** @throws ParleyError `internal` when the document was written by a version this one does not know. */
export function decodeDocument(stored: StoredTurn): TurnDocument {
  const document = JSON.parse(stored.document) as TurnDocument;
  if (document.version !== 1) {
    throw new ParleyError('internal', `Turn ${stored.id} was written by a newer version of dialogue.`);
  }
  return document;
}

function withoutText(turn: Turn): Turn {
  return {
    ...turn,
    input: [],
    output: [],
    instructions: '',
    metadata: {},
    format: { type: 'text' },
    tools: undefined,
  };
}
