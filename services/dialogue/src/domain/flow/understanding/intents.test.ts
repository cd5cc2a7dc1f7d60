import { describe, expect, it } from 'vitest';
import { isCancel, isNo, isRepeat, isRestart, isYes, startsWithCancel } from './intents.ts';
import { isQuestion } from './questions.ts';

describe('a yes', () => {
  it.each([
    'yes',
    'Yes, please!',
    'yeah',
    'yep that is right',
    "that's right, thanks",
    'ok',
    'OK great, thank you',
    'sounds good',
    'looks good',
    'go ahead',
    'please place the order',
    'no problem',
    "don't change anything",
    'perfect',
    '是的',
    '对对',
    '好的，谢谢',
    '没问题',
    '确认下单',
    '就这样吧',
    '不用改了',
    '嗯',
  ])('%s', (text) => {
    expect(isYes(text)).toBe(true);
  });

  it.each([
    'yes but without olives',
    'yes and a drink',
    'ok, what time?',
    'not yes',
    '好像不对',
    '是大份',
    'great pizza',
    '',
  ])('is not: %s', (text) => {
    expect(isYes(text)).toBe(false);
  });
});

describe('a no', () => {
  it.each([
    'no',
    'No, thanks',
    "no that's wrong",
    'nope',
    'not quite',
    'wait',
    'Sorry, no',
    "don't do that",
    '不是',
    '不对，是大份',
    '等一下',
    '先别下单',
    '错了',
  ])('%s', (text) => {
    expect(isNo(text)).toBe(true);
  });

  it.each([
    'no problem',
    'no worries',
    "don't change anything",
    '没问题',
    '没错',
    '不错',
    '不用改了',
    'yes',
    'nobody',
  ])('is not: %s', (text) => {
    expect(isNo(text)).toBe(false);
  });
});

describe('a wish to cancel', () => {
  it.each([
    'cancel',
    'Cancel it, please.',
    'please cancel my order',
    'can you cancel that?',
    'I want to cancel',
    'never mind',
    'Nevermind, thanks',
    'forget it',
    'stop',
    'ok stop',
    "I don't want it anymore",
    'I changed my mind',
    '取消',
    '取消订单',
    '我想取消',
    '帮我取消这个订单吧',
    '算了',
    '算了，不要了',
    '我不要了',
    '那就不点了',
    '把订单取消了吧',
  ])('%s', (text) => {
    expect(isCancel(text)).toBe(true);
  });

  it.each([
    "don't cancel",
    'I changed my mind, make it large',
    'leave it as it is',
    'stop by the door',
    '别取消',
    '不要取消',
    '不要大份',
    'no',
    'what happens if I cancel?',
  ])('is not: %s', (text) => {
    expect(isCancel(text)).toBe(false);
  });

  it('may name what is to be cancelled', () => {
    expect(startsWithCancel('please cancel my pizza order')).toBe(true);
    expect(startsWithCancel('my cancelled order')).toBe(false);
  });
});

describe('a wish to begin anew', () => {
  it.each([
    'start over',
    "let's start over please",
    'restart',
    'Can we start again?',
    '重新开始',
    '我想重新点',
    '重来吧',
  ])('%s', (text) => {
    expect(isRestart(text)).toBe(true);
  });

  it('is not every start', () => {
    expect(isRestart('start with a large one')).toBe(false);
  });
});

describe('a wish to hear the question again', () => {
  it.each([
    'what?',
    'pardon?',
    'Sorry?',
    'can you repeat that',
    'what are my options?',
    '什么？',
    '再说一遍',
    '有哪些？',
    '继续',
  ])('%s', (text) => {
    expect(isRepeat(text)).toBe(true);
  });
});

describe('a question', () => {
  it.each([
    'when do you close?',
    'How much is a large?',
    'and what is in it',
    'ok but how long will it take',
    'do you have gluten free?',
    'is it vegan?',
    'tell me a joke',
    'can you tell me where you are?',
    '你们几点关门？',
    '大份多少钱',
    '这是什么',
    '有停车位吗',
  ])('%s', (text) => {
    expect(isQuestion(text)).toBe(true);
  });

  it.each([
    'can I have a large one?',
    'could you make it three?',
    'how about a large one',
    'what about pepperoni?',
    'large?',
    'I would like whatever is good',
    '可以要大份吗？',
    '能改成三个吗',
    '来两个',
  ])('is not: %s', (text) => {
    expect(isQuestion(text)).toBe(false);
  });
});
