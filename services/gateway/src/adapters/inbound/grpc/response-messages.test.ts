import { gateway } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { sampleLog, sampleTurn, turnId } from '../../../../tests/support/samples.ts';
import type { Turn } from '../../../domain/turn.ts';
import { eventMessage, responseMessage } from './response-messages.ts';

const { FinishReason, Status } = gateway;

describe('the messages of a turn', () => {
  it('are one for each entry, under its number, and survive the wire', () => {
    const events = sampleLog(['a', 'b']).map((entry) => eventMessage(entry, turnId));
    expect(events.map(({ event }) => event?.$case)).toEqual([
      'created',
      'started',
      'itemAdded',
      'partAdded',
      'textDelta',
      'textDelta',
      'textDone',
      'partDone',
      'itemDone',
      'finished',
    ]);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at));
    for (const event of events)
      expect(gateway.ResponseEvent.decode(gateway.ResponseEvent.encode(event).finish())).toEqual(event);
  });

  it.each<[Partial<Turn>, gateway.Status, gateway.FinishReason]>([
    [{ status: 'completed' }, Status.STATUS_COMPLETED, FinishReason.FINISH_REASON_STOP],
    [{ status: 'in_progress' }, Status.STATUS_IN_PROGRESS, FinishReason.FINISH_REASON_UNSPECIFIED],
    [{ status: 'cancelled' }, Status.STATUS_CANCELLED, FinishReason.FINISH_REASON_CANCELLED],
    [{ status: 'failed' }, Status.STATUS_FAILED, FinishReason.FINISH_REASON_ERROR],
    [
      { status: 'incomplete', incompleteReason: 'deadline' },
      Status.STATUS_INCOMPLETE,
      FinishReason.FINISH_REASON_DEADLINE,
    ],
    [
      { status: 'incomplete', incompleteReason: 'max_output_tokens' },
      Status.STATUS_INCOMPLETE,
      FinishReason.FINISH_REASON_MAX_OUTPUT_TOKENS,
    ],
  ])('tell how it ended: %j', (changes, status, finishReason) => {
    expect(responseMessage(sampleTurn(changes))).toMatchObject({ status, finishReason });
  });

  it('tell why it failed', () => {
    const error = { code: 'engine_failed', message: 'Died.', param: '', retryable: true, retryAfterMs: 5 };
    expect(responseMessage(sampleTurn({ status: 'failed', error })).error).toEqual(error);
    expect(responseMessage(sampleTurn()).error).toBeUndefined();
  });
});
