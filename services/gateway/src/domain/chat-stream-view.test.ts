import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { parseSse, sampleLog, sampleTurn, turnId } from '../../tests/support/samples.ts';
import { ChatStreamView } from './chat-stream-view.ts';
import { chatIdOf, turnIdOfChat } from './chat-view.ts';

interface Chunk {
  id: string;
  model: string;
  system_fingerprint: string;
  choices: { delta: { role?: string; content?: string }; finish_reason: string | null }[];
  usage?: { total_tokens: number } | null;
}

function chunksOf(
  view: ChatStreamView,
  log = sampleLog(['Hel', 'lo']),
): { id: number | undefined; chunk: Chunk }[] {
  return parseSse(log.map((entry) => view.render(entry)).join(''))
    .filter(({ data }) => data !== '[DONE]')
    .map(({ id, data }) => ({ id, chunk: JSON.parse(data) as Chunk }));
}

describe('a chat stream', () => {
  it('is role, text and finish reason, each under the number of its log entry, and ends with [DONE]', () => {
    const view = new ChatStreamView({ includeUsage: false });
    const text = sampleLog(['Hel', 'lo'])
      .map((entry) => view.render(entry))
      .join('');
    const chunks = chunksOf(new ChatStreamView({ includeUsage: false }));
    expect(chunks.map(({ id }) => id)).toEqual([2, 4, 5, 9]);
    expect(chunks.map(({ chunk }) => chunk.choices[0]?.delta)).toEqual([
      { role: 'assistant', content: '' },
      { content: 'Hel' },
      { content: 'lo' },
      {},
    ]);
    expect(chunks.map(({ chunk }) => chunk.choices[0]?.finish_reason)).toEqual([null, null, null, 'stop']);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('names the resolved model and the first 12 digits of its digest', () => {
    const [first] = chunksOf(new ChatStreamView({ includeUsage: false }));
    expect(first?.chunk.model).toBe('parley-tiny');
    expect(first?.chunk.system_fingerprint).toBe('0123456789ab');
  });

  it('has an id from which the turn can be found again', () => {
    const [first] = chunksOf(new ChatStreamView({ includeUsage: false }));
    expect(first?.chunk.id).toBe(chatIdOf(turnId));
    expect(turnIdOfChat(first?.chunk.id ?? '')).toBe(turnId);
    expect(turnIdOfChat('resp_1')).toBeUndefined();
  });

  it('gives usage in a last chunk without choices when asked, and null before', () => {
    const chunks = chunksOf(new ChatStreamView({ includeUsage: true })).map(({ chunk }) => chunk);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 13 } });
    expect(chunksOf(new ChatStreamView({ includeUsage: true })).map(({ id }) => id)).toEqual([
      2,
      4,
      5,
      9,
      undefined,
    ]);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  it('holds until the first text, so that a failure before it is an error', () => {
    const view = new ChatStreamView({ includeUsage: false });
    const log = sampleLog([], sampleTurn({ status: 'failed', output: [], error: failure }));
    for (const entry of log.slice(0, -1)) view.render(entry);
    expect(view.holding).toBe(true);
    expect(() => log.slice(-1).map((entry) => view.render(entry))).toThrow(ParleyError);
  });

  it('no longer holds once text has come', () => {
    const view = new ChatStreamView({ includeUsage: false });
    for (const entry of sampleLog(['Hi'])) {
      view.render(entry);
      if (entry.kind === 'text_delta') break;
    }
    expect(view.holding).toBe(false);
  });

  it('of a turn without an answer still is a role and a finish reason', () => {
    const log = sampleLog([], sampleTurn({ output: [] })).filter(({ kind }) => kind.startsWith('turn'));
    const chunks = chunksOf(new ChatStreamView({ includeUsage: false }), log);
    expect(chunks.map(({ chunk }) => chunk.choices[0])).toMatchObject([
      { delta: { role: 'assistant' }, finish_reason: 'stop' },
    ]);
  });

  it.each([['deadline'], ['max_output_tokens']] as const)(
    'cut by %s ends with the reason length',
    (incompleteReason) => {
      const log = sampleLog(['Hel'], sampleTurn({ status: 'incomplete', incompleteReason }));
      expect(
        chunksOf(new ChatStreamView({ includeUsage: false }), log).at(-1)?.chunk.choices[0]?.finish_reason,
      ).toBe('length');
    },
  );

  it('that broke off ends with an error, since a client could not tell it from a whole one', () => {
    const view = new ChatStreamView({ includeUsage: false });
    const log = sampleLog(['Hel'], sampleTurn({ status: 'incomplete', incompleteReason: 'model_lost' }));
    expect(() => log.map((entry) => view.render(entry))).toThrow(
      expect.objectContaining({ code: 'engine_failed' }),
    );
  });

  it('tells an error in the shape the official clients throw', () => {
    const view = new ChatStreamView({ includeUsage: false });
    const [event] = parseSse(view.renderError(new ParleyError('unavailable', 'Gone.')));
    expect(event?.name).toBe('error');
    expect(JSON.parse(event?.data ?? '')).toEqual({
      error: { message: 'Gone.', type: 'server_error', param: null, code: 'unavailable' },
    });
  });
});

const failure = {
  code: 'model_not_ready',
  message: 'Loading.',
  param: '',
  retryable: true,
  retryAfterMs: 1500,
};
