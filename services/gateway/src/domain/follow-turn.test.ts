import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { sampleLog, sampleTurn, turnId } from '../../tests/support/samples.ts';
import type { Call } from '../ports/call.ts';
import { FakeDialogue } from '../ports/fake-dialogue.ts';
import { startTurnFromChat } from './chat-request.ts';
import { finalTurn, TurnFollower } from './follow-turn.ts';
import type { LogBatches } from '../ports/dialogue.ts';

const command = startTurnFromChat({
  model: 'default',
  messages: [{ role: 'user', content: 'Hi' }],
  stream: true,
});
const gone = new ParleyError('unavailable', 'Dialogue went away.');
const log = sampleLog(['a', 'b', 'c']);

function callUntil(signal = new AbortController().signal): Call {
  return {
    tenant: { tenant: 'default', role: 'user', keyId: 'k', requestId: 'r' },
    traceparent: undefined,
    signal,
  };
}

function followerOf(dialogue: FakeDialogue, limits = { turnTimeoutMs: 5000, graceMs: 5000 }): TurnFollower {
  return new TurnFollower(dialogue, limits, () => undefined);
}

async function numbersOf(batches: LogBatches): Promise<number[]> {
  const numbers: number[] = [];
  for await (const batch of batches) numbers.push(...batch.map(({ sequence }) => sequence));
  return numbers;
}

const all = log.map(({ sequence }) => sequence);

describe('following a turn', () => {
  it('gives every entry once and ends with the last', async () => {
    const dialogue = new FakeDialogue([log.slice(0, 3), log.slice(3)]);
    expect(await numbersOf(followerOf(dialogue).start(command, callUntil()))).toEqual(all);
    expect(dialogue.attached).toEqual([]);
  });

  it('attaches to a stored turn again where it broke off, without a gap or a repeat', async () => {
    const dialogue = new FakeDialogue([log.slice(0, 6), gone], [gone], [log.slice(4, 8)], [log.slice(8)]);
    expect(await numbersOf(followerOf(dialogue).start(command, callUntil()))).toEqual(all);
    expect(dialogue.attached).toEqual([
      { turnId, after: 5 },
      { turnId, after: 5 },
      { turnId, after: 7 },
    ]);
  });

  it('gives up on an unstored turn, whose log is gone with its owner', async () => {
    const unstored = sampleLog(['a'], sampleTurn({ store: false }));
    const dialogue = new FakeDialogue([unstored.slice(0, 5), gone]);
    await expect(numbersOf(followerOf(dialogue).start(command, callUntil()))).rejects.toBe(gone);
    expect(dialogue.attached).toEqual([]);
  });

  it('does not start a turn twice when dialogue is away before the first entry', async () => {
    const dialogue = new FakeDialogue([gone], [log]);
    await expect(numbersOf(followerOf(dialogue).start(command, callUntil()))).rejects.toBe(gone);
    expect(dialogue.started).toHaveLength(1);
  });

  it('asks once more for a start under an Idempotency-Key, which makes no second turn', async () => {
    const call = { ...callUntil(), idempotency: { route: 'r', key: 'k', fingerprint: 'f' } };
    const dialogue = new FakeDialogue([gone], [log]);
    expect(await numbersOf(followerOf(dialogue).start(command, call))).toEqual(all);
    expect(dialogue.started).toEqual([command, command]);
    const away = new FakeDialogue([gone], [gone], [log]);
    await expect(numbersOf(followerOf(away).start(command, call))).rejects.toBe(gone);
    expect(away.started).toHaveLength(2);
    const lasting = new ParleyError('unavailable', 'That turn was lost.', { retryable: false });
    const lost = new FakeDialogue([lasting], [log]);
    await expect(numbersOf(followerOf(lost).start(command, call))).rejects.toBe(lasting);
  });

  it('asks once more when the first instance hung for long before it was given up', async () => {
    const call = { ...callUntil(), idempotency: { route: 'r', key: 'k', fingerprint: 'f' } };
    const dialogue = new FakeDialogue([gone], [log]);
    let nowMs = 0;
    const tenSecondsALook = { now: () => (nowMs += 10_000) };
    const limits = { turnTimeoutMs: 60_000, graceMs: 20_000 };
    const follower = new TurnFollower(dialogue, limits, () => undefined, tenSecondsALook);
    expect(await numbersOf(follower.start(command, call))).toEqual(all);
    expect(dialogue.started).toHaveLength(2);
  });

  it('passes on an error that is no interruption', async () => {
    const expired = new ParleyError('stream_expired', 'Too late.');
    const dialogue = new FakeDialogue([log.slice(0, 3), gone], [expired]);
    await expect(numbersOf(followerOf(dialogue).start(command, callUntil()))).rejects.toBe(expired);
  });

  it('stops looking once the turn’s time and the grace are over', async () => {
    const dialogue = new FakeDialogue([log.slice(0, 3), gone], [gone], [gone], [gone]);
    const follower = followerOf(dialogue, { turnTimeoutMs: 50, graceMs: 50 });
    await expect(numbersOf(follower.start(command, callUntil()))).rejects.toBe(gone);
    expect(dialogue.attached.length).toBeLessThan(3);
  });

  it('ends at once when its client leaves while it looks', async () => {
    const client = new AbortController();
    const left = new ParleyError('cancelled', 'The client has gone.');
    const dialogue = new FakeDialogue([log.slice(0, 3), gone]);
    const reading = numbersOf(followerOf(dialogue).start(command, callUntil(client.signal)));
    client.abort(left);
    await expect(reading).rejects.toBe(left);
  });
});

describe('attaching to a turn', () => {
  it('gives what comes after the number asked for', async () => {
    const dialogue = new FakeDialogue([log.slice(6)]);
    expect(await numbersOf(followerOf(dialogue).attach(turnId, 5, callUntil()))).toEqual(all.slice(6));
    expect(dialogue.attached).toEqual([{ turnId, after: 5 }]);
  });

  it('after the last entry of an ended turn gives nothing and ends', async () => {
    const dialogue = new FakeDialogue([]);
    expect(await numbersOf(followerOf(dialogue).attach(turnId, 11, callUntil()))).toEqual([]);
    expect(dialogue.attached).toHaveLength(1);
  });

  it('that dialogue refuses at once is an error, not a wait', async () => {
    const dialogue = new FakeDialogue([gone]);
    await expect(numbersOf(followerOf(dialogue).attach(turnId, 5, callUntil()))).rejects.toBe(gone);
    expect(dialogue.attached).toHaveLength(1);
  });
});

describe('the final turn', () => {
  it('is that of the last entry', async () => {
    const dialogue = new FakeDialogue([log]);
    expect(await finalTurn(followerOf(dialogue).start(command, callUntil()))).toMatchObject({
      status: 'completed',
    });
  });

  it('of a log without a last entry is an error', async () => {
    const unstored = sampleLog(['a'], sampleTurn({ store: false })).slice(0, 4);
    const dialogue = new FakeDialogue([unstored]);
    await expect(finalTurn(followerOf(dialogue).start(command, callUntil()))).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});
