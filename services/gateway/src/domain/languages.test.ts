import { describe, expect, it } from 'vitest';
import { languagesOf } from './languages.ts';

describe('the languages of a client', () => {
  it.each(['zh-CN', 'zh-CN, en;q=0.8', 'de-AT,de;q=0.9,*;q=0.1'])('are taken as they are: %s', (header) => {
    expect(languagesOf(header)).toBe(header);
    expect(languagesOf(`  ${header} `)).toBe(header);
  });

  it.each([undefined, '', ' ', '*', ['en', 'de'], 'en\r\nx: y', '中文', '\0', 'e'.repeat(257)])(
    'are not said by %j',
    (header) => expect(languagesOf(header)).toBe(''),
  );
});
