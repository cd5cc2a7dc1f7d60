/** Kafka topics; the version is part of the name, so that an incompatible change is a new topic. */
export const topics = {
  /** Key: conversation id, else turn id. */
  conversation: 'parley.conversation.events.v1',
  /** Key: model name. */
  model: 'parley.model.events.v1',
} as const;

/** The compacted topic of control data; key: the key of a value. */
export const controlTopic = 'parley.control.v1';

/** The one type of record on the control topic; these are not conversation or model events. */
export const controlEventType = 'parley.control.changed.v1';

/** Where records of a topic go that a consumer cannot take. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`;
}

/** The CloudEvents type on the dead-letter topics; payload: the JSON of `parley.logging.v1.DeadLetter`. */
export const deadLetterEventType = 'parley.logging.dead_letter.v1';

/**
 * The CloudEvents attribute `dataschema` of an event: the `$id` of the JSON Schema that `schemas/events/` has for its
 * type. A name, not an address, so that it stays true wherever the schemas are kept.
 * @example dataSchemaOf('parley.turn.completed.v1') // 'urn:parley:schema:parley.turn.completed.v1'
 */
export function dataSchemaOf(type: string): string {
  return `urn:parley:schema:${type}`;
}

/** CloudEvents types on the conversation topic. */
export const turnEventTypes = {
  accepted: 'parley.turn.accepted.v1',
  completed: 'parley.turn.completed.v1',
  failed: 'parley.turn.failed.v1',
  cancelled: 'parley.turn.cancelled.v1',
  incomplete: 'parley.turn.incomplete.v1',
  deleted: 'parley.turn.deleted.v1',
} as const;

/** Every accepted turn has exactly one event of one of these types. */
export const terminalTurnEventTypes = [
  turnEventTypes.completed,
  turnEventTypes.failed,
  turnEventTypes.cancelled,
  turnEventTypes.incomplete,
] as const;

/** CloudEvents types on the model topic. */
export const modelEventTypes = {
  loaded: 'parley.model.loaded.v1',
  unloaded: 'parley.model.unloaded.v1',
  switched: 'parley.model.switched.v1',
  failed: 'parley.model.failed.v1',
} as const;

/** CloudEvents types on the conversation topic that are about a user. */
export const userEventTypes = { erased: 'parley.user.erased.v1' } as const;

export type TurnEventType = (typeof turnEventTypes)[keyof typeof turnEventTypes];
export type ModelEventType = (typeof modelEventTypes)[keyof typeof modelEventTypes];
