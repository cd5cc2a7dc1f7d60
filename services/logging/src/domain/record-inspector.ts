import type { ReceivedRecord } from '@parley/events/ports';
import { deadLetter } from './dead-letter.ts';
import type { DeadLetter, DeadLetterReason } from './dead-letter.ts';
import type { IncomingEvent } from './recorded-event.ts';

/** The event types whose payload names a turn, and those among them that end it. */
export interface TurnVocabulary {
  readonly turnTypes: readonly string[];
  readonly terminalTypes: readonly string[];
}

/** Either an event fit to be recorded or the dead letter it becomes. */
export type Inspection<R extends ReceivedRecord> =
  | { readonly event: R & IncomingEvent }
  | { readonly dead: DeadLetter };

const textAttributes = ['id', 'type', 'source', 'topic', 'key', 'subject', 'tenant'] as const;
const requiredAttributes: ReadonlySet<string> = new Set(['id', 'type', 'topic']);
/** 9999-12-31T23:59:59.999Z, the last time a protobuf Timestamp can carry. */
const lastTimeMs = 253_402_300_799_999;

/**
 * Decides whether a record can be recorded. It asks only for what the record itself relies on: sound envelope
 * attributes, a JSON object, and the turn id where a turn must be told. Everything else, unknown types and fields
 * included, is the business of whoever reads it, so that an older record keeps newer events.
 */
export class RecordInspector {
  readonly #turnTypes: ReadonlySet<string>;
  readonly #terminalTypes: ReadonlySet<string>;

  constructor(vocabulary: TurnVocabulary) {
    this.#turnTypes = new Set(vocabulary.turnTypes);
    this.#terminalTypes = new Set(vocabulary.terminalTypes);
  }

  inspect<R extends ReceivedRecord>(record: R): Inspection<R> {
    const dead = (reason: DeadLetterReason, detail: string): Inspection<R> => ({
      dead: deadLetter(record, reason, detail),
    });
    const fault = attributeFault(record);
    if (fault !== undefined) return dead('attribute_invalid', fault);
    const payload = parse(record.data);
    if (payload === undefined) return dead('payload_not_json', 'The payload is not JSON.');
    if (!isObject(payload)) return dead('payload_not_object', 'The payload is JSON, but not an object.');
    const turnId = turnIdOf(payload);
    if (turnId === '' && this.#turnTypes.has(record.type)) {
      return dead('turn_id_missing', 'A turn event must carry turn.turnId as non-empty text.');
    }
    return { event: { ...record, turnId, endsTurn: this.#terminalTypes.has(record.type) } };
  }
}

function attributeFault(record: ReceivedRecord): string | undefined {
  for (const name of textAttributes) {
    const value: unknown = record[name];
    if (typeof value !== 'string') return `Attribute ${name} is not text.`;
    if (value === '' && requiredAttributes.has(name)) return `Attribute ${name} is empty.`;
    if (!isPlainText(value)) return `Attribute ${name} holds U+0000 or half a surrogate pair.`;
  }
  if (!Number.isSafeInteger(record.sequence) || record.sequence < 0)
    return 'Attribute sequence is not a count.';
  const { occurredAtMs } = record;
  if (!Number.isInteger(occurredAtMs) || occurredAtMs < 0 || occurredAtMs > lastTimeMs) {
    return 'Attribute occurredAtMs is not a time between 1970 and 9999.';
  }
  return undefined;
}

function isPlainText(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The parsed text; undefined when it is not JSON, which no JSON text parses to. */
function parse(text: unknown): unknown {
  if (typeof text !== 'string' || !text.isWellFormed()) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function turnIdOf(payload: Record<string, unknown>): string {
  const turn = payload['turn'];
  const turnId = isObject(turn) ? turn['turnId'] : undefined;
  return typeof turnId === 'string' && isPlainText(turnId) ? turnId : '';
}
