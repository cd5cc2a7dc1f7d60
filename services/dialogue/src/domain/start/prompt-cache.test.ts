import { describe, expect, it } from 'vitest';
import type { Assistant } from '../assistant/assistant.ts';
import { sharedStart } from './prompt-cache.ts';

const words = 'You are the librarian of a small town. You know every book, and you are fond of the old ones.';

const assistant: Assistant = {
  name: 'librarian',
  version: '1.0.0',
  title: {},
  description: {},
  model: 'default',
  instructions: { en: words },
  sampling: {},
  maxOutputTokens: 0,
  stop: [],
  strategies: [],
  uses: [],
};

const locales = ['en'];
const inWords = (texts: readonly string[]) => Promise.resolve(texts.map((text) => text.split(' ').length));

describe('what a prompt leaves behind', () => {
  it("is everybody's as far as the words of their assistant reach", async () => {
    const said = { instructions: `${words} The user is called Ada.`, locales };
    const shared = await sharedStart(assistant, said, inWords);
    expect(shared.sharedTokens).toBe(words.split(' ').length);
    expect(shared.sharedScope).not.toBe('');
    const later = await sharedStart({ ...assistant, version: '1.0.1' }, said, inWords);
    expect(later.sharedScope).not.toBe(shared.sharedScope);
  });

  it("is nobody else's without an assistant, with few words, or where a strategy says something before them", async () => {
    const nothing = { sharedScope: '', sharedTokens: 0 };
    expect(await sharedStart(undefined, { instructions: words, locales }, inWords)).toEqual(nothing);
    const changed = { instructions: `The user is called Ada. ${words}`, locales };
    expect(await sharedStart(assistant, changed, inWords)).toEqual(nothing);
    const brief = { ...assistant, instructions: { en: 'Be brief.' } };
    expect(await sharedStart(brief, { instructions: 'Be brief.', locales }, inWords)).toEqual(nothing);
  });

  it('is not shared where it cannot be counted', async () => {
    const away = () => Promise.reject(new Error('away'));
    const shared = await sharedStart(assistant, { instructions: words, locales }, away);
    expect(shared.sharedTokens).toBe(0);
  });
});
