import { describe, expect, it } from 'vitest';
import { answerFlow } from './answer-flow.ts';
import type { FlowAnswer } from './answer-flow.ts';
import { fakeOrderFlow as flow } from './fake-order-flow.ts';
import type { FlowDefinition } from './flow-definition.ts';

function say(
  text: string,
  stored: unknown,
  flows: readonly FlowDefinition[] = [flow],
  locale = 'en',
): FlowAnswer {
  return answerFlow(flows, stored, { text, locales: [locale], firstMessage: stored === undefined });
}

const atConfirmation = say('2 small hot pepperoni pizzas', undefined);

describe('a stored state', () => {
  it('goes on after it was stored as JSON', () => {
    const stored: unknown = JSON.parse(JSON.stringify(atConfirmation.state));
    expect(say('yes', stored).text).toBe('Delivery or pick-up?');
  });

  it.each([
    [undefined],
    [null],
    [7],
    ['order'],
    [{}],
    [{ flow: 'order' }],
    [{ ...atConfirmation.state, flow: 'gone' }],
  ])('that is %j counts as none', (stored) => {
    expect(answerFlow([flow], stored, { text: 'yes', locales: ['en'], firstMessage: false })).toMatchObject({
      handled: false,
      outcome: 'none',
      state: undefined,
    });
  });
});

describe('the state of another text of the same flow', () => {
  const changed: FlowDefinition = {
    ...flow,
    version: '2.0.0',
    digest: 'd2',
    slots: flow.slots.map((slot) =>
      slot.name === 'size' && slot.type === 'enum'
        ? { ...slot, values: slot.values.filter(({ value }) => value !== 'S') }
        : slot,
    ),
  };

  it('keeps the values that are still valid and asks for the others', () => {
    const answer = say('the same please, and quickly if you can', atConfirmation.state, [changed]);
    expect(answer).toMatchObject({
      append: 'Which size?',
      slots: { pizza: 'pepperoni', spice: 'hot', quantity: 2 },
      state: { version: '2.0.0', digest: 'd2' },
    });
    expect(answer.events[0]).toEqual({ kind: 'moved' });
  });

  it('does not take a yes to the old summary', () => {
    const renamed: FlowDefinition = { ...flow, digest: 'd3' };
    const answer = say('yes', atConfirmation.state, [renamed]);
    expect(answer.text).toBe('Sorry, I did not get that.\n2 small Pepperoni, hot. Right?');
    expect(say('yes', answer.state, [renamed]).text).toBe('Delivery or pick-up?');
  });
});
