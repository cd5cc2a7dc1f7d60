import { describe, expect, it } from 'vitest';
import { chatBody } from './chat-events.ts';

const name = { title: 'The server' } as Parameters<typeof chatBody>[1];

function usageOf(usage: unknown): unknown {
  return chatBody({ choices: [], usage }, name).usage;
}

describe('what a server says it has read', () => {
  it('may have been read before', () => {
    const details = { prompt_tokens_details: { cached_tokens: 64 } };
    expect(usageOf({ prompt_tokens: 100, completion_tokens: 5, ...details })).toEqual({
      inputTokens: 100,
      outputTokens: 5,
      cachedTokens: 64,
    });
  });

  it.each([{}, { prompt_tokens_details: null }, { prompt_tokens_details: { cached_tokens: 'many' } }])(
    'is new where it does not say: %j',
    (details) => {
      expect(usageOf({ prompt_tokens: 100, completion_tokens: 5, ...details })).toMatchObject({
        cachedTokens: 0,
      });
    },
  );

  it('is never more than the prompt', () => {
    const details = { prompt_tokens_details: { cached_tokens: 500 } };
    expect(usageOf({ prompt_tokens: 100, completion_tokens: 5, ...details })).toMatchObject({
      cachedTokens: 100,
    });
  });
});
