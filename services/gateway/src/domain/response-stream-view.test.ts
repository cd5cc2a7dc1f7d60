import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { parseSse, sampleLog, sampleTurn } from '../../tests/support/samples.ts';
import { ResponseStreamView } from './response-stream-view.ts';
import type { LogEntry } from './turn.ts';

interface Event {
  type: string;
  sequence_number: number;
  response?: {
    status: string;
    error: { code: string; type: string } | null;
    incomplete_details: { reason: string } | null;
  };
}

function eventsOf(
  log: readonly LogEntry[],
): { name: string | undefined; id: number | undefined; event: Event }[] {
  const view = new ResponseStreamView();
  return parseSse(log.map((entry) => view.render(entry)).join('')).map(({ name, id, data }) => ({
    name,
    id,
    event: JSON.parse(data) as Event,
  }));
}

describe('a response stream', () => {
  it('has the events of the OpenAI API in their order', () => {
    expect(eventsOf(sampleLog(['Hel', 'lo'])).map(({ name }) => name)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  it('numbers nothing itself: every event carries its entry’s number, as id and in the data', () => {
    const shifted = sampleLog(['a']).map((entry) => ({ ...entry, sequence: entry.sequence + 40 }));
    const events = eventsOf(shifted);
    expect(events.map(({ id }) => id)).toEqual(shifted.map(({ sequence }) => sequence));
    expect(events.map(({ event }) => event.sequence_number)).toEqual(shifted.map(({ sequence }) => sequence));
    expect(events.every(({ name, event }) => name === event.type)).toBe(true);
  });

  it('of a failed turn ends with response.failed, which says why', () => {
    const error = { code: 'engine_failed', message: 'Died.', param: '', retryable: true, retryAfterMs: 0 };
    const last = eventsOf(sampleLog(['x'], sampleTurn({ status: 'failed', error }))).at(-1)?.event;
    expect(last?.type).toBe('response.failed');
    expect(last?.response).toMatchObject({
      status: 'failed',
      error: { code: 'server_error', type: 'engine_failed' },
    });
  });

  it.each(['max_output_tokens', 'deadline', 'owner_lost', 'model_lost'] as const)(
    'of a turn cut by %s ends incomplete, with the reason',
    (incompleteReason) => {
      const last = eventsOf(sampleLog(['x'], sampleTurn({ status: 'incomplete', incompleteReason }))).at(
        -1,
      )?.event;
      expect(last?.type).toBe('response.incomplete');
      expect(last?.response?.incomplete_details).toEqual({ reason: incompleteReason });
    },
  );

  it('of a cancelled turn ends with an event the official clients know, whose response says cancelled', () => {
    const last = eventsOf(sampleLog(['x'], sampleTurn({ status: 'cancelled' }))).at(-1)?.event;
    expect(last?.type).toBe('response.incomplete');
    expect(last?.response?.status).toBe('cancelled');
  });

  it('that breaks off tells after which number to attach again, and gives the error event no number of its own', () => {
    const view = new ResponseStreamView();
    for (const entry of sampleLog(['x']).slice(0, 5)) view.render(entry);
    const [event] = parseSse(view.renderError(new ParleyError('unavailable', 'Gone.')));
    expect(event?.id).toBeUndefined();
    expect(JSON.parse(event?.data ?? '')).toMatchObject({
      type: 'error',
      code: 'unavailable',
      sequence_number: 4,
    });
  });
});
