import { describe, expect, it } from 'vitest';
import { findNumbers } from './find-numbers.ts';

function numbersIn(text: string): readonly number[] {
  return findNumbers(text, []).map(({ value }) => value);
}

describe('numbers in English', () => {
  it.each([
    ['2', [2]],
    ['two', [2]],
    ['Two of them', [2]],
    ['make it three', [3]],
    ['twenty-one', [21]],
    ['twenty one please', [21]],
    ['forty', [40]],
    ['a hundred', [100]],
    ['two hundred and five', [205]],
    ['one hundred twelve', [112]],
    ['a dozen', [12]],
    ['half a dozen', [6]],
    ['two dozen', [24]],
    ['a couple of those', [2]],
    ['2x pepperoni', [2]],
    ['pepperoni x3', [3]],
    ['two, no three', [2, 3]],
    ['just one', [1]],
    ['one pepperoni', [1]],
    ["I'd like one", [1]],
  ])('%s', (text, expected) => {
    expect(numbersIn(text)).toEqual(expected);
  });

  it.each([
    ['the large one'],
    ['that one'],
    ['no one told me'],
    ['a 12 inch pizza'],
    ['at 5pm'],
    ["at 5 o'clock"],
    ['the 2nd'],
    ['it costs $12'],
    ['20 minutes'],
    ['2.5'],
    ['10:30'],
    ['someone often'],
    ['one more'],
    ['2 more'],
    ['call 138000011112222'],
  ])('none in: %s', (text) => {
    expect(numbersIn(text)).toEqual([]);
  });
});

describe('numbers in Chinese', () => {
  it.each([
    ['两个', [2]],
    ['三', [3]],
    ['改成三', [3]],
    ['十二', [12]],
    ['要十二个吧', [12]],
    ['二十份', [20]],
    ['三十五个', [35]],
    ['一百二十个', [120]],
    ['两百个', [200]],
    ['一打', [12]],
    ['半打', [6]],
    ['两打', [24]],
    ['来3个', [3]],
    ['3', [3]],
    ['一份小份', [1]],
    ['两大份', [2]],
    ['俩', [2]],
    ['五，谢谢', [5]],
  ])('%s', (text, expected) => {
    expect(numbersIn(text)).toEqual(expected);
  });

  it.each([
    ['等一下'],
    ['一起吃'],
    ['快一点'],
    ['三明治'],
    ['八点送来'],
    ['第二个'],
    ['12寸'],
    ['中山路1号'],
    ['30分钟'],
    ['再加一个'],
    ['几百个'],
  ])('none in: %s', (text) => {
    expect(numbersIn(text)).toEqual([]);
  });
});
