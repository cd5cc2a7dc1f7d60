import { describe, expect, it } from 'vitest';
import { says } from '../../../tests/support/test-dialogue.ts';
import type { TurnDocument } from '../../domain/turn/turn-document.ts';
import { documentOfEvent } from './document-of-event.ts';
import { ProtoTurnEventEncoder } from './proto-turn-event-encoder.ts';

const encoder = new ProtoTurnEventEncoder();

function document(turn: Partial<TurnDocument['turn']> = {}): TurnDocument {
  return {
    version: 1,
    deadlineAtMs: 2_000,
    subject: { tenant: 'acme', endUser: 'ada', requestId: 'req_1', record: 'full' },
    turn: {
      id: 'resp_7_0123',
      status: 'completed',
      createdAtMs: 1_234,
      endedAtMs: 2_000,
      model: { name: 'tiny', digest: 'abc' },
      assistant: { name: 'helper', version: '1.2' },
      input: [{ ...says('Hello\n"Ada" 🎈'), name: 'ada' }, says('Rules', 'developer')],
      output: [says('Hi', 'assistant')],
      instructions: 'Be kind.',
      previousTurnId: 'resp_7_0001',
      store: true,
      sampling: { temperature: 0.5, topK: 7, seed: 42, logitBias: { 17: -3.5 } },
      format: { type: 'json_schema', name: 'answer', schema: '{"type":"object"}' },
      maxOutputTokens: 99,
      metadata: { topic: 'greeting' },
      usage: { inputTokens: 3, cachedInputTokens: 1, outputTokens: 2 },
      timings: { queueMs: 1.5, firstTokenMs: 20, totalMs: 766 },
      finishReason: 'stop',
      incompleteReason: undefined,
      error: undefined,
      ...turn,
    },
    strategies: [{ strategy: 'facts', version: '1', digest: 'd', data: { name: ['Ada', null, 1, true] } }],
    trace: [{ hook: 'input.received', strategy: 'facts', version: '1', outcome: 'noted', durationMs: 0.25 }],
  };
}

function readBack(original: TurnDocument): TurnDocument | undefined {
  const { type, data } = encoder.ended(original);
  return documentOfEvent(type, data);
}

describe('the document of a terminal event', () => {
  it('is the one that the event was made of', () => {
    const original = document();
    expect(readBack(original)).toEqual(original);
  });

  it.each([
    { status: 'incomplete', incompleteReason: 'owner_lost', finishReason: undefined },
    { status: 'incomplete', incompleteReason: 'max_output_tokens', finishReason: 'length' },
    { status: 'cancelled', finishReason: 'cancelled', usage: undefined, timings: undefined },
    { format: { type: 'json_object' }, sampling: { logitBias: {} } },
    { format: { type: 'text' }, metadata: {}, instructions: '' },
  ] satisfies Partial<TurnDocument['turn']>[])('is so for %j', (turn) => {
    const status = turn.status === undefined ? 'completed' : 'incomplete';
    const output = document().turn.output.map((item) => ({ ...item, status }) as const);
    const original = document({ ...turn, output });
    expect(readBack(original)).toEqual(original);
  });

  it('keeps why a turn failed, and reads a code of a later version as internal', () => {
    const error = {
      code: 'overloaded',
      message: 'Later.',
      retryable: true,
      retryAfterMs: 900,
      param: undefined,
    } as const;
    const failed = document({ status: 'failed', error, output: [], finishReason: undefined });
    expect(readBack(failed)).toEqual(failed);
    const { type, data } = encoder.ended(failed);
    const later = data.replace('overloaded', 'too_loud').replace('{', '{"later":{"a":[1]},');
    expect(documentOfEvent(type, later)?.turn.error?.code).toBe('internal');
  });

  it('is not there without text, for an unstored turn, and for an event that ends nothing', () => {
    const original = document();
    const subject = { ...original.subject, record: 'metadata' } as const;
    expect(readBack({ ...original, subject })).toBeUndefined();
    expect(readBack(document({ store: false }))).toBeUndefined();
    const { type, data } = encoder.accepted(original);
    expect(documentOfEvent(type, data)).toBeUndefined();
  });
});
