import { describe, expect, it } from 'vitest';
import { aRequest } from '../../../tests/support/test-dialogue.ts';
import { askedOf, assistantNameOf, instructionsOf, noSuchAssistant } from './assistant.ts';
import type { Assistant } from './assistant.ts';

const helper: Assistant = {
  name: 'helper',
  version: '1.0.0',
  title: {},
  description: {},
  model: 'fast',
  instructions: { en: 'Help.', 'zh-CN': '帮忙。' },
  sampling: { temperature: 0.2, topP: 0.9 },
  maxOutputTokens: 64,
  stop: ['END'],
  strategies: [],
  uses: [],
};

describe('an assistant', () => {
  it('is asked for as the model', () => {
    expect(assistantNameOf('assistant:helper')).toBe('helper');
    expect(assistantNameOf('helper')).toBeUndefined();
    expect(assistantNameOf('')).toBeUndefined();
  });

  it('says what the request is silent about, and nothing of what it is silent about itself', () => {
    const asked = askedOf(helper, aRequest('Hi', { model: 'assistant:helper' }));
    expect(asked).toMatchObject({ model: 'fast', maxOutputTokens: 64, stop: ['END'] });
    expect(asked.sampling).toEqual({ temperature: 0.2, topP: 0.9, logitBias: {} });
  });

  it('gives way to what the request says', () => {
    const sampling = { temperature: 0, topP: undefined, seed: 7, logitBias: { '5': 1 } };
    const asked = askedOf(helper, aRequest('Hi', { sampling, maxOutputTokens: 8, stop: ['.'] }));
    expect(asked).toMatchObject({ maxOutputTokens: 8, stop: ['.'] });
    expect(asked.sampling).toEqual({ temperature: 0, topP: 0.9, seed: 7, logitBias: { '5': 1 } });
  });

  it('puts its own instructions before those of the request', () => {
    expect(instructionsOf(helper, 'Be brief.', ['zh-CN'])).toBe('帮忙。\n\nBe brief.');
    expect(instructionsOf(helper, '', ['fr'])).toBe('Help.');
    expect(instructionsOf({ ...helper, instructions: {} }, 'Be brief.', [])).toBe('Be brief.');
  });

  it('is missed by name, with the names that there are', () => {
    expect(noSuchAssistant('x', ['a', 'b'])).toMatchObject({
      code: 'model_not_found',
      param: 'model',
      message: "There is no assistant 'x'. There are: a, b.",
    });
    expect(noSuchAssistant('x', []).message).toContain('There are none.');
  });
});
