import { fromJsonString } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { turnEvents } from '@parley/contracts';
import type { commonEvents } from '@parley/contracts';
import { errorCodes } from '@parley/kernel';
import type { StrategyState } from '../../domain/strategy/strategy.ts';
import type { TurnDocument } from '../../domain/turn/turn-document.ts';
import type {
  EndedStatus,
  IncompleteReason,
  Item,
  ItemStatus,
  Turn,
  TurnError,
} from '../../domain/turn/turn.ts';
import {
  finishReasons,
  readFormat,
  readSampling,
  readTools,
  roles,
  terminalTypes,
  wordOf,
} from './event-values.ts';

const incompleteReasons: readonly IncompleteReason[] = [
  'max_output_tokens',
  'deadline',
  'owner_lost',
  'model_lost',
];

/**
 * The document of a stored turn, read back from its terminal event.
 * @param data canonical JSON of `TurnFinished`; fields of a later version are left out.
 * @returns undefined when the event is of another type or was told to carry no text.
 */
export function documentOfEvent(type: string, data: string): TurnDocument | undefined {
  const status = wordOf(terminalTypes, type as (typeof terminalTypes)[keyof typeof terminalTypes]);
  const event = fromJsonString(turnEvents.TurnFinishedSchema, data, { ignoreUnknownFields: true });
  const { turn: subject, acceptedAt, endedAt } = event;
  if (status === undefined || subject?.store !== true) return undefined;
  if (subject.record !== turnEvents.RecordPolicy.FULL || !acceptedAt || !endedAt) return undefined;
  const times = { createdAtMs: timestampMs(acceptedAt), endedAtMs: timestampMs(endedAt) };
  const turn: Turn = { ...turnOf(event, subject, status), ...times };
  return {
    version: 1,
    turn,
    subject: {
      tenant: subject.tenant,
      endUser: subject.endUser,
      requestId: subject.requestId,
      record: 'full',
    },
    deadlineAtMs: timestampMs(endedAt),
    ...(turn.assistant === undefined
      ? {}
      : { strategies: event.strategyStates.map(stateOf), trace: tracesOf(event) }),
  };
}

function turnOf(
  event: turnEvents.TurnFinished,
  subject: turnEvents.TurnSubject,
  status: EndedStatus,
): Omit<Turn, 'createdAtMs' | 'endedAtMs'> {
  const itemStatus = status === 'completed' ? 'completed' : 'incomplete';
  return {
    id: subject.turnId,
    status,
    model: { name: event.model?.name ?? '', digest: event.model?.digest ?? '' },
    assistant:
      event.assistant === '' ? undefined : { name: event.assistant, version: event.assistantVersion },
    input: event.input.map((item) => itemOf(item, 'completed')),
    output: event.output.map((item, index) =>
      itemOf(item, index < event.output.length - 1 ? 'completed' : itemStatus),
    ),
    instructions: event.instructions,
    previousTurnId: subject.previousTurnId,
    store: true,
    sampling: readSampling(event.sampling),
    format: readFormat(event.format),
    tools: readTools(event.tools),
    maxOutputTokens: event.maxOutputTokens,
    metadata: { ...event.metadata },
    usage: event.usage && {
      inputTokens: event.usage.inputTokens,
      cachedInputTokens: event.usage.cachedInputTokens,
      outputTokens: event.usage.outputTokens,
    },
    timings: event.timings && {
      queueMs: event.timings.queueMs,
      firstTokenMs: event.timings.firstTokenMs,
      totalMs: event.timings.totalMs,
    },
    finishReason: wordOf(finishReasons, event.finishReason),
    incompleteReason: incompleteReasons.find((reason) => reason === event.incompleteReason),
    error: event.error && errorOf(event.error),
  };
}

function itemOf(recorded: turnEvents.RecordedItem, status: ItemStatus): Item {
  const { id, role, content, name, functionCall, functionOutputOf } = recorded;
  const texts = content.flatMap(({ part }) =>
    part.case === 'text' ? [{ type: 'text', text: part.value } as const] : [],
  );
  if (functionCall !== undefined) {
    const call = { callId: functionCall.id, name: functionCall.name, arguments: functionCall.arguments };
    return { id, type: 'function_call', role: 'assistant', ...call, content: [], status };
  }
  if (functionOutputOf !== '') {
    return {
      id,
      type: 'function_output',
      role: 'tool',
      callId: functionOutputOf,
      content: texts,
      status,
      name,
    };
  }
  return { id, type: 'message', role: wordOf(roles, role) ?? 'user', content: texts, status, name };
}

function stateOf({ strategy, version, digest, data }: turnEvents.StrategyState): StrategyState {
  return { strategy, version, digest, data: JSON.parse(data) as StrategyState['data'] };
}

function tracesOf({ strategyTrace }: turnEvents.TurnFinished): TurnDocument['trace'] {
  return strategyTrace.map(({ hook, strategy, version, outcome, durationMs }) => ({
    hook: hook as NonNullable<TurnDocument['trace']>[number]['hook'],
    strategy,
    version,
    outcome,
    durationMs,
  }));
}

function errorOf({ code, message, param, retryable, retryAfterMs }: commonEvents.ErrorDetail): TurnError {
  return {
    code: errorCodes.find((known) => known === code) ?? 'internal',
    message,
    param: param === '' ? undefined : param,
    retryable,
    retryAfterMs: retryAfterMs === 0 ? undefined : retryAfterMs,
  };
}
