import { describe, expect, it } from 'vitest';
import { localesOf, textFor } from './locale-text.ts';

describe('the locales of a turn', () => {
  it.each([
    ['', 'Hello', ['en']],
    ['', '你好', ['zh-CN']],
    ['', 'Was heißt 你好?', ['zh-CN']],
    ['*', '你好', ['zh-CN']],
    ['zh-CN, en;q=0.8', 'Hello', ['zh-CN', 'en']],
    ['en;q=0.5, de , fr;q=0.9, ;;;, x y, it;q=0', '你好', ['de', 'fr', 'en']],
    ['complete nonsense!', 'Hello', ['en']],
  ])('asked for %j with %j are %j', (languages, text, locales) => {
    expect(localesOf(languages, text)).toEqual(locales);
  });
});

describe('a text in several languages', () => {
  const texts = { de: 'Hallo', en: 'Hello', 'zh-CN': '你好' };

  it.each([
    [['zh-CN'], '你好'],
    [['zh-TW'], '你好'],
    [['ZH'], '你好'],
    [['fr', 'de-AT'], 'Hallo'],
    [['fr'], 'Hello'],
    [[], 'Hello'],
  ])('for %j is %j', (locales, text) => {
    expect(textFor(texts, locales)).toBe(text);
  });

  it('is in any language where it is in no better one, and empty where there is none', () => {
    expect(textFor({ 'zh-CN': '你好' }, ['fr'])).toBe('你好');
    expect(textFor({}, ['fr'])).toBe('');
  });
});
