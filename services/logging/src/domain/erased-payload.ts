import { isObject, parseJson, pick } from './json-object.ts';
import type { JsonObject } from './json-object.ts';

/** What may stay of a payload: a list of what is kept, so that text which a newer event type brings goes too. */
const keptFields = [
  'turn',
  'model',
  'input',
  'output',
  'usage',
  'timings',
  'finishReason',
  'incompleteReason',
  'error',
  'acceptedAt',
  'endedAt',
  'assistant',
  'assistantVersion',
  'strategyTrace',
  'tenant',
  'erasedAt',
];
const keptOfTurn = ['turnId', 'tenant', 'conversationId', 'previousTurnId', 'requestId', 'store'];
const keptOfItem = ['id', 'role'];
const keptOfError = ['code', 'retryable'];

/** How a turn says that its event carries no text. */
const metadataOnly = 'RECORD_POLICY_METADATA';

const reduced: Readonly<Record<string, (value: unknown) => unknown>> = {
  turn: (turn) => ({ ...pick(objectOf(turn), keptOfTurn), record: metadataOnly }),
  error: (error) => pick(objectOf(error), keptOfError),
  input: itemsOf,
  output: itemsOf,
};

/**
 * The payload as it would be if the tenant kept no text (`record: metadata`), so that whoever can read that can read
 * this: items keep their ids and roles, the turn loses its end user. "{}" for what is no JSON object.
 */
export function withoutText(data: string): string {
  const kept = Object.entries(pick(objectOf(parseJson(data)), keptFields));
  return JSON.stringify(
    Object.fromEntries(kept.map(([name, value]) => [name, reduced[name]?.(value) ?? value])),
  );
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function itemsOf(items: unknown): JsonObject[] {
  return Array.isArray(items) ? items.filter(isObject).map((item) => pick(item, keptOfItem)) : [];
}
