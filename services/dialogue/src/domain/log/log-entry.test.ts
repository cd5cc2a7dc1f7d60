import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry } from './log-entry.ts';
import type { EntryBody } from './log-entry.ts';
import { says } from '../../../tests/support/test-dialogue.ts';
import type { Turn } from '../turn/turn.ts';

const ended: Turn = {
  id: 'resp_1',
  status: 'completed',
  createdAtMs: 1,
  endedAtMs: 2,
  model: { name: 'tiny', digest: 'd' },
  input: [says('a long story '.repeat(100))],
  output: [says('An answer', 'assistant')],
  instructions: '',
  previousTurnId: '',
  store: true,
  sampling: { logitBias: {} },
  format: { type: 'text' },
  maxOutputTokens: 0,
  metadata: {},
  finishReason: 'stop',
};

describe('a stored entry', () => {
  it('does not repeat the turn, and shows it again when read', () => {
    for (const type of ['turn_created', 'turn_started', 'turn_ended'] as const) {
      const stored = encodeEntry({ sequence: 3, body: { type, turn: ended } });
      expect(stored.body.length).toBeLessThan(40);
      const { body, sequence } = decodeEntry(stored, ended);
      expect(sequence).toBe(3);
      expect(body).toMatchObject({ type, turn: { id: 'resp_1', input: ended.input } });
    }
  });

  it('shows a turn that has ended since as it was before its end', () => {
    const stored = encodeEntry({ sequence: 0, body: { type: 'turn_created', turn: ended } });
    const { body } = decodeEntry(stored, ended);
    expect('turn' in body && body.turn).toMatchObject({ status: 'in_progress', output: [] });
    expect('turn' in body && body.turn.endedAtMs).toBeUndefined();
  });

  it('is otherwise the same when read', () => {
    const place = { outputIndex: 0, itemId: 'msg_1', contentIndex: 0 };
    const bodies: EntryBody[] = [
      { type: 'item_added', outputIndex: 0, item: says('x') },
      { type: 'part_added', ...place },
      { type: 'text_delta', ...place, text: 'é"\n' },
      { type: 'text_done', ...place, text: 'é"\n' },
    ];
    for (const body of bodies)
      expect(decodeEntry(encodeEntry({ sequence: 1, body }), ended).body).toEqual(body);
  });
});
