import { describe, expect, it } from 'vitest';
import { says } from '../../../tests/support/test-dialogue.ts';
import { hearEach, unheardMessages } from './unheard-messages.ts';

describe('messages that a strategy has not heard', () => {
  const before = [says('one'), says('two', 'assistant')];
  const input = [says('three'), says('four')];

  it('are all of the user’s where it has no state, else those of this turn', () => {
    const conversation = { before, input, locales: [] };
    expect(unheardMessages(conversation, undefined)).toEqual({
      texts: ['one', 'three', 'four'],
      fromTheStart: true,
    });
    expect(unheardMessages(conversation, null)).toEqual({ texts: ['three', 'four'], fromTheStart: false });
    expect(unheardMessages({ ...conversation, before: [] }, null).fromTheStart).toBe(true);
  });

  it('are the newest where there is very much, and the last one in any case', () => {
    const long = (letter: string) => says(letter.repeat(40_000));
    const conversation = { before: [long('a'), long('b')], input: [long('c')], locales: [] };
    const { texts, fromTheStart } = unheardMessages(conversation, undefined);
    expect(texts.map(([letter]) => letter)).toEqual(['b', 'c']);
    expect(fromTheStart).toBe(false);
    const huge = { before, input: [says('x'.repeat(200_000))], locales: [] };
    expect(unheardMessages(huge, undefined).texts).toHaveLength(1);
  });

  it('are heard in order, and others run meanwhile', async () => {
    const heard: string[] = [];
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await hearEach(['a', 'b', 'c', 'd'], (text) => {
      heard.push(text);
      for (const end = performance.now() + 15; performance.now() < end;);
    });
    clearInterval(timer);
    expect(heard).toEqual(['a', 'b', 'c', 'd']);
    expect(ticks).toBeGreaterThan(0);
  });
});
