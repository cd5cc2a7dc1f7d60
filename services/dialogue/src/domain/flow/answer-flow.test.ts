import { describe, expect, it } from 'vitest';
import { answerFlow } from './answer-flow.ts';
import type { FlowAnswer } from './answer-flow.ts';
import { fakeOrderFlow as flow } from './fake-order-flow.ts';
import type { FlowDefinition } from './flow-definition.ts';

/** The answers to messages that follow each other. */
function talk(
  flows: readonly FlowDefinition[],
  locale: string,
  ...texts: readonly string[]
): readonly FlowAnswer[] {
  let stored: unknown;
  return texts.map((text, index) => {
    const answer = answerFlow(flows, stored, { text, locales: [locale], firstMessage: index === 0 });
    stored = answer.state;
    return answer;
  });
}

function last(answers: readonly FlowAnswer[]): FlowAnswer | undefined {
  return answers.at(-1);
}

describe('the flows of an assistant', () => {
  it('leave what starts none of them to the model', () => {
    expect(last(talk([flow], 'en', 'hello'))).toMatchObject({
      handled: false,
      text: '',
      append: '',
      outcome: 'none',
    });
    expect(last(talk([], 'en', 'a pizza'))).toMatchObject({ handled: false, flow: undefined });
  });

  it('answer without the model once one is open', () => {
    expect(last(talk([flow], 'en', 'a pizza'))).toMatchObject({
      handled: true,
      text: 'Welcome!\nWhich pizza?',
      flow: { name: 'order', version: '1.0.0' },
      outcome: 'started',
    });
  });

  it('answer in the locale that is asked for', () => {
    expect(last(talk([flow], 'zh-CN', 'a pizza'))?.text).toBe('欢迎！\n哪种披萨？');
    expect(last(talk([flow], 'zh-TW', '两个小份特辣香肠披萨'))?.text).toBe(
      '欢迎！\n2 个小份意式香肠，特辣，对吗？',
    );
    expect(last(talk([flow], 'fr', 'a pizza'))?.text).toBe('Welcome!\nWhich pizza?');
  });

  it('have the open question said after the model has answered something else', () => {
    const answers = talk([flow], 'en', 'a small pizza', 'when do you close?', 'pepperoni');
    expect(answers[1]).toMatchObject({
      handled: false,
      text: '',
      append: 'Which pizza?',
      outcome: 'digression',
    });
    expect(last(answers)).toMatchObject({ handled: true, text: 'How hot?' });
  });

  it('are over when one has ended', () => {
    const answers = talk([flow], 'en', 'a pizza', 'cancel', 'yes');
    expect(answers[1]).toMatchObject({ outcome: 'cancelled', state: undefined });
    expect(last(answers)).toMatchObject({ handled: false, outcome: 'none' });
  });

  it('may begin with the first message, whatever it says, and only with the first', () => {
    const eager: FlowDefinition = { ...flow, atFirstMessage: true };
    expect(last(talk([eager], 'en', 'hello there'))).toMatchObject({ handled: true, outcome: 'started' });
    expect(last(talk([eager], 'en', 'hello there', 'cancel', 'hello again'))).toMatchObject({
      handled: false,
    });
  });

  it('are asked in order; the open one is the only one that listens', () => {
    const other: FlowDefinition = { ...flow, name: 'other', starts: (text) => text.includes('other') };
    expect(last(talk([flow, other], 'en', 'the other pizza'))).toMatchObject({ flow: { name: 'order' } });
    expect(last(talk([flow, other], 'en', 'the other'))).toMatchObject({ flow: { name: 'other' } });
    expect(last(talk([flow, other], 'en', 'a pizza', 'tell me of the other thing'))).toMatchObject({
      handled: false,
      flow: { name: 'order' },
    });
  });

  it.each([
    ['refused', ['50 pizzas'], 'rejected'],
    ['unclear', ['a pizza', 'blue'], 'unclear'],
    ['stuck', ['a pizza', 'blue', 'red', 'green'], 'offered_cancel'],
    ['an answer', ['a pizza', 'pepperoni'], 'asked'],
    ['done', ['a small hot pepperoni pizza, 2, pick up', 'yes', '5551234567'], 'completed'],
  ])('say in one word what they did: %s', (_, texts, outcome) => {
    expect(last(talk([flow], 'en', ...texts))?.outcome).toBe(outcome);
  });

  it('never say in their events what the user said', () => {
    const answers = talk([flow], 'en', 'a pizza', 'deliver to 12 Secret Street', 'phone 5551234567');
    expect(JSON.stringify(answers.map(({ events }) => events))).not.toMatch(/Secret|555/);
  });
});
