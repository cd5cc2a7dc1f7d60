import type { ReceivedRecord } from '@parley/events/ports';
import { attributeFault, isKeyText } from './attribute-fault.ts';
import { deadLetter } from './dead-letter.ts';
import type { DeadLetter, DeadLetterReason } from './dead-letter.ts';
import { timeOf } from './happened-at.ts';
import { isObject, parseJson } from './json-object.ts';
import type { JsonObject } from './json-object.ts';
import type { Erasure, IncomingEvent } from './recorded-event.ts';

/** What the record knows of events beside their envelopes. */
export interface EventVocabulary {
  /** Types whose payload names a turn. */
  readonly turnTypes: readonly string[];
  /** Those among them that end it. */
  readonly terminalTypes: readonly string[];
  /** The type that erases a user's text. */
  readonly erasureType: string;
  /** The key of an end user, which names nobody. */
  readonly userKey: (tenant: string, endUser: string) => string;
}

/** Either an event fit to be recorded or the dead letter it becomes. */
export type Inspection<R extends ReceivedRecord> =
  | { readonly event: R & IncomingEvent }
  | { readonly dead: DeadLetter };

/**
 * Decides whether a record can be recorded. It asks only for what the record itself relies on: sound envelope
 * attributes, a JSON object, the turn id where a turn must be told, and whom an erasure is about. Everything else,
 * unknown types and fields included, is the business of whoever reads it, so that an older record keeps newer events.
 */
export class RecordInspector {
  readonly #vocabulary: EventVocabulary;
  readonly #turnTypes: ReadonlySet<string>;
  readonly #terminalTypes: ReadonlySet<string>;

  constructor(vocabulary: EventVocabulary) {
    this.#vocabulary = vocabulary;
    this.#turnTypes = new Set(vocabulary.turnTypes);
    this.#terminalTypes = new Set(vocabulary.terminalTypes);
  }

  inspect<R extends ReceivedRecord>(record: R): Inspection<R> {
    const payload = parseJson(record.data);
    const user = isObject(payload) ? this.#userOf(record, payload) : '';
    const dead = (reason: DeadLetterReason, detail: string): Inspection<R> => ({
      dead: deadLetter(record, reason, detail, user),
    });
    const fault = attributeFault(record);
    if (fault !== undefined) return dead('attribute_invalid', fault);
    if (payload === undefined) return dead('payload_not_json', 'The payload is not JSON.');
    if (!isObject(payload)) return dead('payload_not_object', 'The payload is JSON, but not an object.');
    const turnId = turnIdOf(payload);
    if (turnId === '' && this.#turnTypes.has(record.type)) {
      return dead('turn_id_missing', 'A turn event must carry turn.turnId as a text of 1 to 1024 bytes.');
    }
    const isErasure = record.type === this.#vocabulary.erasureType;
    const erasure = isErasure ? this.#erasureOf(record, payload) : undefined;
    if (isErasure && erasure === undefined) {
      return dead('erasure_invalid', 'An erasure must carry its tenant, an endUser and the time erasedAt.');
    }
    const endsTurn = this.#terminalTypes.has(record.type);
    return {
      event: { ...record, turnId, endsTurn, user, ...(erasure === undefined ? {} : { erasure }) },
    };
  }

  #userOf({ tenant }: ReceivedRecord, payload: JsonObject): string {
    const turn = payload['turn'];
    const endUser = isObject(turn) ? turn['endUser'] : undefined;
    return typeof endUser === 'string' && endUser !== '' ? this.#vocabulary.userKey(tenant, endUser) : '';
  }

  /** An event of one tenant must not erase what is another's. */
  #erasureOf({ tenant }: ReceivedRecord, payload: JsonObject): Erasure | undefined {
    const { tenant: named = '', endUser, erasedAt } = payload;
    const erasedAtMs = timeOf(erasedAt);
    if (named !== tenant || typeof endUser !== 'string' || endUser === '') return undefined;
    return erasedAtMs === undefined
      ? undefined
      : { user: this.#vocabulary.userKey(tenant, endUser), erasedAtMs };
  }
}

function turnIdOf(payload: JsonObject): string {
  const turn = payload['turn'];
  const turnId = isObject(turn) ? turn['turnId'] : undefined;
  return typeof turnId === 'string' && isKeyText(turnId) ? turnId : '';
}
