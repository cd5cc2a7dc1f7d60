import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EngineUpdate } from '../../../ports/engine.ts';
import { AnswerChannel } from './answer-channel.ts';

const chunk = (text: string, id: number): EngineUpdate => ({ type: 'chunk', text, tokenIds: [id] });
const finished: EngineUpdate = {
  type: 'finished',
  reason: 'stop',
  inputTokens: 1,
  outputTokens: 2,
  queueMs: 0,
};

describe('an answer channel', () => {
  it('gives updates as they come', async () => {
    const channel = new AnswerChannel(0);
    const first = channel.next();
    channel.push(chunk('a', 1));
    expect(await first).toEqual(chunk('a', 1));
    channel.push(finished);
    expect(await channel.next()).toEqual(finished);
    expect(await channel.next()).toBeUndefined();
  });

  it('makes one chunk of those that a slow reader has not taken', async () => {
    const channel = new AnswerChannel(0);
    channel.push({ type: 'started', inputTokens: 1 });
    for (const [index, text] of ['a', 'b', 'c'].entries()) channel.push(chunk(text, index));
    channel.push(finished);
    await channel.next();
    expect(await channel.next()).toEqual({ type: 'chunk', text: 'abc', tokenIds: [0, 1, 2] });
    expect(await channel.next()).toEqual(finished);
  });

  it('fails after what came before', async () => {
    const channel = new AnswerChannel(0);
    channel.push(chunk('a', 1));
    channel.fail(new Error('gone'));
    channel.push(chunk('b', 2));
    expect(await channel.next()).toEqual(chunk('a', 1));
    await expect(channel.next()).rejects.toThrow('gone');
  });

  it('ends at once when it is abandoned', async () => {
    const channel = new AnswerChannel(0);
    channel.push(chunk('a', 1));
    channel.abandon(new Error('left'));
    await expect(channel.next()).rejects.toThrow('left');
  });

  describe('with a gap between chunks', () => {
    afterEach(() => void vi.useRealTimers());

    it('gives the first chunk at once and the next ones together', async () => {
      vi.useFakeTimers();
      const channel = new AnswerChannel(20);
      channel.push(chunk('a', 0));
      expect(await channel.next()).toEqual(chunk('a', 0));
      channel.push(chunk('b', 1));
      const next = channel.next();
      await vi.advanceTimersByTimeAsync(10);
      channel.push(chunk('c', 2));
      await vi.advanceTimersByTimeAsync(10);
      expect(await next).toEqual({ type: 'chunk', text: 'bc', tokenIds: [1, 2] });
    });

    it('never holds back the end', async () => {
      vi.useFakeTimers();
      const channel = new AnswerChannel(20);
      channel.push(chunk('a', 0));
      await channel.next();
      channel.push(chunk('b', 1));
      const next = channel.next();
      channel.push(finished);
      expect(await next).toEqual(chunk('b', 1));
      expect(await channel.next()).toEqual(finished);
    });
  });
});
