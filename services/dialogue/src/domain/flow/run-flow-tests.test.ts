import { describe, expect, it } from 'vitest';
import { fakeOrderFlow } from './fake-order-flow.ts';
import type { FlowExpectation, FlowTest } from './flow-test.ts';
import { runFlowTests } from './run-flow-tests.ts';

function detailsOf(...turns: readonly (readonly [string, FlowExpectation])[]): readonly string[] {
  const test: FlowTest = {
    name: 'an order',
    locale: undefined,
    turns: turns.map(([user, expected]) => ({ user, expect: expected })),
  };
  return runFlowTests({ ...fakeOrderFlow, tests: [test] }).map(({ detail }) => detail);
}

describe("a document's own test", () => {
  it('is fine when every turn is as expected', () => {
    expect(
      detailsOf(
        ['hello', { handled: false, flow: 'none', asks: 'nothing' }],
        [
          'a large pizza',
          { slots: { size: 'L', pizza: null }, asks: 'pizza', says: ['Welcome', 'Which'], flow: 'open' },
        ],
        ['取消', { flow: 'cancelled', says: ['取消'] }],
      ),
    ).toEqual(['']);
  });

  it.each<[FlowExpectation, string]>([
    [{ slots: { size: 'S' } }, 'slots.size is "L", expected "S"'],
    [{ slots: { pizza: 'pepperoni' } }, 'slots.pizza is null, expected "pepperoni"'],
    [{ slots: { size: null } }, 'slots.size is "L", expected null'],
    [{ asks: 'size' }, 'asks is "pizza", expected "size"'],
    [{ says: ['Bye'] }, 'says is "Welcome!\\nWhich pizza?", expected "Bye"'],
    [{ flow: 'completed' }, 'flow is "open", expected "completed"'],
    [{ handled: false }, 'handled is true, expected false'],
  ])('says what was otherwise: %j', (expected, difference) => {
    expect(detailsOf(['a large pizza', expected])).toEqual([`turn 1 ("a large pizza"): ${difference}`]);
  });

  it('stops at the first turn that is otherwise', () => {
    expect(detailsOf(['a pizza', {}], ['blue', { asks: 'size' }], ['red', { asks: 'mode' }])).toEqual([
      'turn 2 ("blue"): asks is "pizza", expected "size"',
    ]);
  });
});
