import { create, toJsonString } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { commonEvents, topics, turnEvents, turnEventTypes } from '@parley/contracts';
import type { TurnEventType } from '@parley/contracts';
import { newUuid, terminalEventId } from '@parley/kernel';
import type { OutboxEvent } from '@parley/state/ports';
import type { TurnDocument } from '../../domain/turn-document.ts';
import type { EndedStatus, FinishReason, Item, Speaker, TurnError } from '../../domain/turn.ts';
import type { TurnEventEncoder } from '../../ports/turn-event-encoder.ts';

const terminalTypes: Readonly<Record<EndedStatus, TurnEventType>> = {
  completed: turnEventTypes.completed,
  failed: turnEventTypes.failed,
  cancelled: turnEventTypes.cancelled,
  incomplete: turnEventTypes.incomplete,
};

const roles: Readonly<Record<Speaker, commonEvents.Role>> = {
  system: commonEvents.Role.SYSTEM,
  developer: commonEvents.Role.DEVELOPER,
  user: commonEvents.Role.USER,
  assistant: commonEvents.Role.ASSISTANT,
  tool: commonEvents.Role.TOOL,
};

const finishReasons: Readonly<Record<FinishReason, commonEvents.FinishReason>> = {
  stop: commonEvents.FinishReason.STOP,
  length: commonEvents.FinishReason.LENGTH,
  deadline: commonEvents.FinishReason.DEADLINE,
  cancelled: commonEvents.FinishReason.CANCELLED,
};

/** Turn events as canonical proto3 JSON. Under the record policy `metadata` no text leaves. */
export class ProtoTurnEventEncoder implements TurnEventEncoder {
  accepted(document: TurnDocument): OutboxEvent {
    const { turn } = document;
    const payload = create(turnEvents.TurnAcceptedSchema, {
      turn: subjectOf(document),
      model: turn.model,
      acceptedAt: timestampFromMs(turn.createdAtMs),
    });
    const data = toJsonString(turnEvents.TurnAcceptedSchema, payload);
    return envelope(document, newUuid(), turnEventTypes.accepted, turn.createdAtMs, data);
  }

  ended(document: TurnDocument): OutboxEvent {
    const { turn, subject } = document;
    const endedAtMs = turn.endedAtMs ?? turn.createdAtMs;
    const withText = subject.record === 'full';
    const payload = create(turnEvents.TurnFinishedSchema, {
      turn: subjectOf(document),
      model: turn.model,
      instructions: withText ? turn.instructions : '',
      input: turn.input.map((item) => recordedItem(item, withText)),
      output: turn.output.map((item) => recordedItem(item, withText)),
      ...(turn.usage === undefined ? {} : { usage: turn.usage }),
      ...(turn.timings === undefined ? {} : { timings: turn.timings }),
      ...(turn.finishReason === undefined ? {} : { finishReason: finishReasons[turn.finishReason] }),
      incompleteReason: turn.incompleteReason ?? '',
      ...(turn.error === undefined ? {} : { error: errorDetail(turn.error) }),
      acceptedAt: timestampFromMs(turn.createdAtMs),
      endedAt: timestampFromMs(endedAtMs),
      assistant: turn.assistant?.name ?? '',
      assistantVersion: turn.assistant?.version ?? '',
      strategyTrace: [...(document.trace ?? [])],
    });
    const type = turn.status === 'in_progress' ? turnEventTypes.incomplete : terminalTypes[turn.status];
    const data = toJsonString(turnEvents.TurnFinishedSchema, payload);
    return envelope(document, terminalEventId(turn.id), type, endedAtMs, data);
  }
}

function envelope(
  document: TurnDocument,
  id: string,
  type: TurnEventType,
  occurredAtMs: number,
  data: string,
): OutboxEvent {
  const { turn, subject } = document;
  const event = {
    id,
    type,
    topic: topics.conversation,
    key: turn.id,
    subject: turn.id,
    tenant: subject.tenant,
    occurredAtMs,
    data,
  };
  return subject.traceparent === undefined ? event : { ...event, traceparent: subject.traceparent };
}

function subjectOf(document: TurnDocument): MessageInitShape<typeof turnEvents.TurnSubjectSchema> {
  const { turn, subject } = document;
  return {
    turnId: turn.id,
    tenant: subject.tenant,
    previousTurnId: turn.previousTurnId,
    endUser: subject.endUser,
    requestId: subject.requestId,
    store: turn.store,
    record: subject.record === 'full' ? turnEvents.RecordPolicy.FULL : turnEvents.RecordPolicy.METADATA,
  };
}

function recordedItem(item: Item, withText: boolean): MessageInitShape<typeof turnEvents.RecordedItemSchema> {
  const content = item.content.map((part) => ({ part: { case: 'text', value: part.text } as const }));
  return { id: item.id, role: roles[item.role], content: withText ? content : [] };
}

function errorDetail(error: TurnError): MessageInitShape<typeof commonEvents.ErrorDetailSchema> {
  const { code, message, param, retryable, retryAfterMs } = error;
  return { code, message, param: param ?? '', retryable, retryAfterMs: retryAfterMs ?? 0 };
}
