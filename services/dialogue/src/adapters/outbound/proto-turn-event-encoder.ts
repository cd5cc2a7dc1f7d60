import { create, toJsonString } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { topics, turnEvents, turnEventTypes } from '@parley/contracts';
import type { TurnEventType, commonEvents } from '@parley/contracts';
import { newUuid, terminalEventId } from '@parley/kernel';
import type { OutboxEvent } from '@parley/state/ports';
import type { TurnDocument } from '../../domain/turn/turn-document.ts';
import type { Item, TurnError } from '../../domain/turn/turn.ts';
import type { TurnEventEncoder } from '../../ports/turn-event-encoder.ts';
import { finishReasons, formatOf, roles, terminalTypes, toolsOf } from './event-values.ts';

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
      ...(withText ? requested(document) : {}),
    });
    const type = turn.status === 'in_progress' ? turnEventTypes.incomplete : terminalTypes[turn.status];
    const data = toJsonString(turnEvents.TurnFinishedSchema, payload);
    return envelope(document, terminalEventId(turn.id), type, endedAtMs, data);
  }

  deleted(document: TurnDocument, atMs: number): OutboxEvent {
    const payload = create(turnEvents.TurnDeletedSchema, {
      turn: subjectOf(document),
      deletedAt: timestampFromMs(atMs),
    });
    const data = toJsonString(turnEvents.TurnDeletedSchema, payload);
    return envelope(document, newUuid(), turnEventTypes.deleted, atMs, data);
  }
}

/** What the turn was asked for and keeps for the next one, beside what was said. */
function requested({ turn, strategies = [] }: TurnDocument) {
  const { seed, logitBias, ...sampling } = turn.sampling;
  return {
    sampling: {
      ...sampling,
      logitBias: { ...logitBias },
      ...(seed === undefined ? {} : { seed: BigInt(seed) }),
    },
    format: { form: formatOf(turn.format) },
    ...(turn.tools === undefined ? {} : { tools: toolsOf(turn.tools) }),
    maxOutputTokens: turn.maxOutputTokens,
    metadata: { ...turn.metadata },
    strategyStates: strategies.map(({ data, ...state }) => ({ ...state, data: JSON.stringify(data) })),
  };
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
  const said = withText ? { content, name: item.name } : {};
  return { id: item.id, role: roles[item.role], ...said, ...recordedCall(item, withText) };
}

/** Which function was asked for is no text; what it was given is. */
function recordedCall(
  item: Item,
  withText: boolean,
): Pick<MessageInitShape<typeof turnEvents.RecordedItemSchema>, 'functionCall' | 'functionOutputOf'> {
  switch (item.type) {
    case 'message':
      return {};
    case 'function_call':
      return {
        functionCall: { id: item.callId, name: item.name, arguments: withText ? item.arguments : '' },
      };
    case 'function_output':
      return { functionOutputOf: item.callId };
  }
}

function errorDetail(error: TurnError): MessageInitShape<typeof commonEvents.ErrorDetailSchema> {
  const { code, message, param, retryable, retryAfterMs } = error;
  return { code, message, param: param ?? '', retryable, retryAfterMs: retryAfterMs ?? 0 };
}
