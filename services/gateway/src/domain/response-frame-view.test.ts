import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { parseSse, sampleLog, turnId } from '../../tests/support/samples.ts';
import { ResponseFrameView } from './response-frame-view.ts';
import { ResponseStreamView } from './response-stream-view.ts';

const parsed = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe('the frames of a turn', () => {
  it('are the events of a stream, each with its response’s id', () => {
    const frames = new ResponseFrameView({});
    const stream = new ResponseStreamView();
    for (const entry of sampleLog(['a', 'b'])) {
      const [event] = parseSse(stream.render(entry));
      expect(parsed(frames.render(entry))).toEqual({ ...parsed(event?.data ?? ''), response_id: turnId });
    }
    expect(frames.ended).toBe(true);
  });

  it('carry the client’s own names: the stream’s always, the frame’s where the response begins and in errors', () => {
    const view = new ResponseFrameView({ stream_id: 's', event_id: 'e' });
    const [created, started] = sampleLog(['a']).map((entry) => parsed(view.render(entry)));
    expect(created).toMatchObject({ stream_id: 's', event_id: 'e' });
    expect(started).toMatchObject({ stream_id: 's' });
    expect(started).not.toHaveProperty('event_id');
    const error = parsed(view.renderError(new ParleyError('unavailable', 'Gone.', { retryAfterMs: 50 })));
    expect(error).toMatchObject({
      type: 'error',
      status: 503,
      code: 'unavailable',
      message: 'Gone.',
      param: null,
      sequence_number: 8,
      response_id: turnId,
      stream_id: 's',
      event_id: 'e',
      error: { code: 'unavailable', headers: { 'retry-after': '1', 'retry-after-ms': '50' } },
    });
  });

  it('of a log that is attached to know the response from the start', () => {
    const view = new ResponseFrameView({ response_id: turnId }, 4);
    expect(parsed(view.renderError(new ParleyError('stream_expired', 'Over.')))).toMatchObject({
      response_id: turnId,
      sequence_number: 4,
      status: 410,
    });
  });
});
