import { common, dialogue } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { startTurnFromChat } from '../../domain/chat-request.ts';
import { toStartTurnRequest } from './start-turn-codec.ts';
import { fromLogEntry } from './turn-codec.ts';

const timeouts = { firstTokenTimeoutMs: 1000, turnTimeoutMs: 2000 };

describe('a command on its way to dialogue', () => {
  it('survives the wire: zero is not unset, and unset is not zero', () => {
    const command = startTurnFromChat({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      temperature: 0,
      seed: -5,
      logit_bias: { '7': -100 },
      metadata: { a: 'b' },
      response_format: { type: 'json_object' },
      stream: true,
    });
    const wire = dialogue.StartTurnRequest.decode(
      dialogue.StartTurnRequest.encode(toStartTurnRequest(command, timeouts)).finish(),
    );
    expect(wire.sampling).toMatchObject({ temperature: 0, seed: -5, logitBias: { 7: -100 } });
    expect(wire.sampling?.topP).toBeUndefined();
    expect(wire).toMatchObject({
      deltas: true,
      store: false,
      metadata: { a: 'b' },
      firstTokenTimeoutMs: 1000,
      totalTimeoutMs: 2000,
    });
    expect(wire.format?.form?.$case).toBe('jsonObject');
    expect(wire.input[0]?.item).toMatchObject({
      message: { role: common.Role.ROLE_USER, content: [{ part: { text: 'Hi' } }] },
    });
  });
});

describe('an entry on its way from dialogue', () => {
  it('of a kind this version does not know is passed over', () => {
    expect(fromLogEntry({ sequence: 1, entry: undefined })).toBeUndefined();
  });

  it('without its turn is an error of the fleet', () => {
    expect(() =>
      fromLogEntry({ sequence: 0, entry: { $case: 'turnEnded', turnEnded: { turn: undefined } } }),
    ).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it('keeps its number and its place', () => {
    const textDelta = { outputIndex: 1, itemId: 'msg_1', contentIndex: 2, text: 'Hi' };
    expect(fromLogEntry({ sequence: 9, entry: { $case: 'textDelta', textDelta } })).toEqual({
      sequence: 9,
      kind: 'text_delta',
      ...textDelta,
    });
  });
});
