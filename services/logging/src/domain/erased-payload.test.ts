import { describe, expect, it } from 'vitest';
import { withoutText } from './erased-payload.ts';

const finished = {
  turn: {
    turnId: 'resp_1',
    tenant: 'acme',
    conversationId: 'conv_1',
    endUser: 'ada',
    requestId: 'req_1',
    store: true,
    record: 'RECORD_POLICY_FULL',
    nickname: 'secret',
  },
  model: { name: 'parley-tiny', digest: 'abc' },
  instructions: 'secret',
  input: [{ id: 'item_1', role: 'ROLE_USER', content: [{ text: 'secret' }] }],
  output: [{ id: 'item_2', role: 'ROLE_ASSISTANT', content: [{ text: 'secret' }] }, 'secret'],
  usage: { inputTokens: 3 },
  error: { code: 'engine_failed', message: 'secret', retryable: true },
  finishReason: 'FINISH_REASON_STOP',
  acceptedAt: '2026-01-01T00:00:00Z',
  somethingNewer: { text: 'secret' },
};

describe('a payload without its text', () => {
  it('is what a tenant would have that keeps no text', () => {
    const erased = withoutText(JSON.stringify(finished));
    expect(erased).not.toMatch(/secret|ada/);
    expect(JSON.parse(erased)).toEqual({
      turn: {
        turnId: 'resp_1',
        tenant: 'acme',
        conversationId: 'conv_1',
        requestId: 'req_1',
        store: true,
        record: 'RECORD_POLICY_METADATA',
      },
      model: { name: 'parley-tiny', digest: 'abc' },
      input: [{ id: 'item_1', role: 'ROLE_USER' }],
      output: [{ id: 'item_2', role: 'ROLE_ASSISTANT' }],
      usage: { inputTokens: 3 },
      error: { code: 'engine_failed', retryable: true },
      finishReason: 'FINISH_REASON_STOP',
      acceptedAt: '2026-01-01T00:00:00Z',
    });
    expect(withoutText(erased)).toBe(erased);
  });

  it('of an erasure tells no longer whose it was', () => {
    const erasure = { tenant: 'acme', endUser: 'ada', erasedAt: '2026-01-01T00:00:00Z' };
    const { endUser: _, ...kept } = erasure;
    expect(JSON.parse(withoutText(JSON.stringify(erasure)))).toEqual(kept);
  });

  it.each(['', '{', '[1]', 'null', '"secret"'])('of %j is empty', (data) => {
    expect(withoutText(data)).toBe('{}');
  });

  it('survives fields of other shapes than expected', () => {
    const odd = { turn: 'secret', input: { text: 'secret' }, output: null, error: ['secret'] };
    expect(withoutText(JSON.stringify(odd))).not.toContain('secret');
  });
});
