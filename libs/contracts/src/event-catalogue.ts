import {
  deadLetterEventType,
  deadLetterTopic,
  modelEventTypes,
  topics,
  turnEventTypes,
  userEventTypes,
} from './event-types.ts';
import type { ModelEventType, TurnEventType } from './event-types.ts';

/** Where events of one type are found and what they carry. */
export interface EventEntry {
  readonly topics: readonly string[];
  /** What the record's key is, in words. */
  readonly key: string;
  /** Full name of the payload's message in `proto/`. */
  readonly message: string;
}

type UserEventType = (typeof userEventTypes)[keyof typeof userEventTypes];
type EventType = TurnEventType | ModelEventType | UserEventType | typeof deadLetterEventType;

const turn = { topics: [topics.conversation], key: 'id of the conversation, else of the turn' };
const model = { topics: [topics.model], key: 'name of the model' };
const turnEnd: EventEntry = { ...turn, message: 'parley.events.v1.TurnFinished' };

/** Every type of event that Parley publishes. */
export const eventCatalogue: Readonly<Record<EventType, EventEntry>> = {
  [turnEventTypes.accepted]: { ...turn, message: 'parley.events.v1.TurnAccepted' },
  [turnEventTypes.completed]: turnEnd,
  [turnEventTypes.failed]: turnEnd,
  [turnEventTypes.cancelled]: turnEnd,
  [turnEventTypes.incomplete]: turnEnd,
  [turnEventTypes.deleted]: { ...turn, message: 'parley.events.v1.TurnDeleted' },
  [userEventTypes.erased]: {
    topics: [topics.conversation],
    key: '"user:" and a digest of tenant and user',
    message: 'parley.events.v1.UserErased',
  },
  [modelEventTypes.loaded]: { ...model, message: 'parley.events.v1.ModelLoaded' },
  [modelEventTypes.unloaded]: { ...model, message: 'parley.events.v1.ModelUnloaded' },
  [modelEventTypes.switched]: { ...model, message: 'parley.events.v1.ModelSwitched' },
  [modelEventTypes.failed]: { ...model, message: 'parley.events.v1.ModelFailed' },
  [deadLetterEventType]: {
    topics: Object.values(topics).map(deadLetterTopic),
    key: 'that of the record that was refused',
    message: 'parley.logging.v1.DeadLetter',
  },
};
