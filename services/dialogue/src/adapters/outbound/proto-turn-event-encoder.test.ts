import { fromJsonString } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { topics, turnEvents, turnEventTypes } from '@parley/contracts';
import { terminalEventId } from '@parley/kernel';
import { says } from '../../../tests/support/test-dialogue.ts';
import type { RecordPolicy, TurnDocument } from '../../domain/turn/turn-document.ts';
import { ProtoTurnEventEncoder } from './proto-turn-event-encoder.ts';

function document(record: RecordPolicy, turn: Partial<TurnDocument['turn']> = {}): TurnDocument {
  return {
    version: 1,
    deadlineAtMs: 10,
    subject: { tenant: 'acme', endUser: 'ada', requestId: 'req_1', record, traceparent: '00-1-2-01' },
    turn: {
      id: 'resp_7_0123',
      status: 'completed',
      createdAtMs: Date.parse('2026-01-02T03:04:05.678Z'),
      endedAtMs: Date.parse('2026-01-02T03:04:06.000Z'),
      model: { name: 'tiny', digest: 'abc' },
      input: [says('My secret')],
      output: [says('Your secret', 'assistant')],
      instructions: 'Be discreet.',
      previousTurnId: 'resp_6',
      store: record === 'full',
      sampling: { logitBias: {} },
      format: { type: 'text' },
      maxOutputTokens: 0,
      metadata: {},
      usage: { inputTokens: 3, cachedInputTokens: 0, outputTokens: 2 },
      timings: { queueMs: 1, firstTokenMs: 20, totalMs: 322 },
      finishReason: 'stop',
      ...turn,
    },
  };
}

describe('turn events', () => {
  const encoder = new ProtoTurnEventEncoder();

  it('say who, when and under which key, with the trace they belong to', () => {
    const event = encoder.accepted(document('full'));
    expect(event).toMatchObject({
      type: turnEventTypes.accepted,
      topic: topics.conversation,
      key: 'resp_7_0123',
      subject: 'resp_7_0123',
      tenant: 'acme',
      traceparent: '00-1-2-01',
    });
    expect(JSON.parse(event.data)).toEqual({
      turn: {
        turnId: 'resp_7_0123',
        tenant: 'acme',
        previousTurnId: 'resp_6',
        endUser: 'ada',
        requestId: 'req_1',
        store: true,
        record: 'RECORD_POLICY_FULL',
      },
      model: { name: 'tiny', digest: 'abc' },
      acceptedAt: '2026-01-02T03:04:05.678Z',
    });
  });

  it('carry the whole turn at its end, as canonical JSON that reads back', () => {
    const { data } = encoder.ended(document('full'));
    const payload = fromJsonString(turnEvents.TurnFinishedSchema, data);
    expect(payload.output[0]?.content[0]?.part).toEqual({ case: 'text', value: 'Your secret' });
    expect(payload).toMatchObject({
      instructions: 'Be discreet.',
      usage: { inputTokens: 3, outputTokens: 2 },
    });
    expect(JSON.parse(data)).toMatchObject({
      finishReason: 'FINISH_REASON_STOP',
      endedAt: '2026-01-02T03:04:06Z',
    });
  });

  it('carry no text under the policy that asks for none', () => {
    const { data } = encoder.ended(document('metadata'));
    expect(data).not.toMatch(/secret|discreet/);
    const payload = fromJsonString(turnEvents.TurnFinishedSchema, data);
    expect(payload.turn?.record).toBe(turnEvents.RecordPolicy.METADATA);
    expect(payload.input).toHaveLength(1);
    expect(payload.input[0]?.content).toEqual([]);
    expect(payload.usage?.outputTokens).toBe(2);
  });

  it.each([
    ['completed', turnEventTypes.completed],
    ['failed', turnEventTypes.failed],
    ['cancelled', turnEventTypes.cancelled],
    ['incomplete', turnEventTypes.incomplete],
  ] as const)('of a turn that is %s have that type and the id that follows from the turn', (status, type) => {
    const event = encoder.ended(document('full', { status }));
    expect(event).toMatchObject({ type, id: terminalEventId('resp_7_0123') });
  });

  it('say why a turn failed or is incomplete', () => {
    const error = {
      code: 'model_not_ready',
      message: 'It loads.',
      retryable: true,
      retryAfterMs: 900,
    } as const;
    const failed = JSON.parse(encoder.ended(document('full', { status: 'failed', error })).data);
    expect(failed.error).toEqual({
      code: 'model_not_ready',
      message: 'It loads.',
      retryable: true,
      retryAfterMs: 900,
    });
    const incomplete = encoder.ended(
      document('full', { status: 'incomplete', incompleteReason: 'owner_lost' }),
    );
    expect(JSON.parse(incomplete.data)).toMatchObject({ incompleteReason: 'owner_lost' });
  });
});
