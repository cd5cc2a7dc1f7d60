import { localesOf } from '../assistant/locale-text.ts';
import { answerFlow } from './answer-flow.ts';
import type { FlowAnswer } from './answer-flow.ts';
import type { FlowDefinition } from './flow-definition.ts';
import type { FlowState } from './flow-state.ts';
import type { FlowExpectation, FlowTest } from './flow-test.ts';

/** How one of a document's own tests went. */
export interface FlowTestResult {
  /** Its place in the document's tests. */
  readonly index: number;
  readonly name: string;
  readonly ok: boolean;
  /** What was not as expected, and in which turn; '' when all was. */
  readonly detail: string;
}

/** Runs a flow's own tests; the same answers come in production, since there is no other way to get them. */
export function runFlowTests(flow: FlowDefinition): readonly FlowTestResult[] {
  return flow.tests.map((test, index) => {
    const detail = firstDifference(flow, test) ?? '';
    return { index, name: test.name, ok: detail === '', detail };
  });
}

function firstDifference(flow: FlowDefinition, test: FlowTest): string | undefined {
  let state: FlowState | undefined;
  for (const [index, { user, expect }] of test.turns.entries()) {
    const locales = localesOf(test.locale ?? '', user);
    const answer = answerFlow([flow], state, { text: user, locales, firstMessage: index === 0 });
    state = answer.state;
    const difference = differenceOf(answer, expect);
    if (difference !== undefined) return `turn ${index + 1} (${JSON.stringify(user)}): ${difference}`;
  }
  return undefined;
}

function differenceOf(answer: FlowAnswer, expect: FlowExpectation): string | undefined {
  for (const [slot, expected] of Object.entries(expect.slots ?? {})) {
    const value = answer.slots[slot] ?? null;
    if (value !== expected) return `slots.${slot} ${isNot(value, expected)}`;
  }
  const missing = expect.says?.find((piece) => !answer.text.includes(piece));
  if (missing !== undefined) return `says ${isNot(answer.text, missing)}`;
  return (
    unlike('asks', asked(answer), expect.asks) ??
    unlike('flow', standing(answer), expect.flow) ??
    unlike('handled', answer.handled, expect.handled)
  );
}

function unlike(
  what: string,
  value: string | boolean,
  expected: string | boolean | undefined,
): string | undefined {
  return expected === undefined || value === expected ? undefined : `${what} ${isNot(value, expected)}`;
}

function isNot(value: unknown, expected: unknown): string {
  return `is ${JSON.stringify(value)}, expected ${JSON.stringify(expected)}`;
}

function asked({ state }: FlowAnswer): string {
  if (state === undefined) return 'nothing';
  return state.question.kind === 'slot' ? state.question.slot : state.question.kind;
}

function standing({ state, outcome }: FlowAnswer): string {
  if (state !== undefined) return 'open';
  return outcome === 'completed' || outcome === 'cancelled' ? outcome : 'none';
}
