import { describe, expect, it } from 'vitest';
import { Re2Pattern } from './re2-pattern.ts';

describe('a pattern of a document', () => {
  it('is found at every place, with its groups', () => {
    const pattern = new Re2Pattern('(?i:my (?P<key>\\w+)) is (?P<value>\\w+)( indeed)?');
    expect(pattern.groups).toEqual(['key', 'value']);
    expect(pattern.matches('My cat is Tom, my dog is Rex indeed')).toEqual([
      { start: 0, end: 13, groups: { key: 'cat', value: 'Tom' } },
      { start: 15, end: 35, groups: { key: 'dog', value: 'Rex' } },
    ]);
  });

  it('is found again right after a value, even where that bounded it', () => {
    const pattern = new Re2Pattern('a (?P<value>\\w+?)( and a|$)');
    expect(pattern.matches('a x and a y').map(({ groups }) => groups['value'])).toEqual(['x', 'y']);
  });

  it('that matches nothing at all comes to an end', () => {
    expect(new Re2Pattern('x*').matches('ab')).toHaveLength(3);
    expect(new Re2Pattern('(?P<value>x*)').matches('')).toHaveLength(1);
  });

  it.each(['(?=a)', '(a', '(?P<value>a)\\1'])('%s is refused', (source) => {
    expect(() => new Re2Pattern(source)).toThrow(/pars/);
  });

  it('takes no more than linear time', () => {
    const startedAt = performance.now();
    new Re2Pattern('(a+)+$').matches(`${'a'.repeat(5_000)}b`);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
