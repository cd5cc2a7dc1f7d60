import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance } from './advance.ts';
import type { FlowAdvance } from './advance.ts';
import { answerFlow } from './answer-flow.ts';
import type { FlowAnswer } from './answer-flow.ts';
import { fakeOrderFlow as flow } from './fake-order-flow.ts';
import type { FlowCommand } from './flow-command.ts';
import type { SlotDefinition } from './flow-definition.ts';
import type { SlotValue, Slots } from './slot-value.ts';
import { renderMessages } from './flow-message.ts';
import type { FlowState } from './flow-state.ts';
import { fits } from './slot-values.ts';

function valueFor(slot: SlotDefinition): fc.Arbitrary<SlotValue> {
  switch (slot.type) {
    case 'enum':
      return fc.constantFrom(...slot.values.map(({ value }) => value), 'nonsense');
    case 'integer':
      return fc.integer({ min: -3, max: 30 });
    case 'text':
      return fc.constantFrom('1 High St', '5551234567', '+86 138 0000 1111', '');
  }
}

const setting: fc.Arbitrary<FlowCommand> = fc.oneof(
  ...flow.slots.map((slot) =>
    valueFor(slot).map((value): FlowCommand => ({ kind: 'set', slot: slot.name, value })),
  ),
);
const others = (['start', 'confirm', 'deny', 'cancel', 'restart', 'repeat', 'unclear'] as const).map((kind) =>
  fc.constant<FlowCommand>({ kind }),
);
const correcting = fc
  .constantFrom(...flow.slots.map(({ name }) => name))
  .map((slot): FlowCommand => ({ kind: 'correct', slot }));
const message = fc.array(fc.oneof({ weight: 6, arbitrary: setting }, correcting, ...others), {
  maxLength: 6,
});
const messages = fc.array(message, { minLength: 1, maxLength: 12 });
/** Messages that neither end nor restart the flow. */
const collecting = fc.array(fc.array(setting, { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 8,
});

function play(all: readonly (readonly FlowCommand[])[], from?: FlowState): readonly FlowAdvance[] {
  let state = from;
  return all.map((commands) => {
    const result = advance(flow, state, commands);
    state = result.state;
    return result;
  });
}

const start: readonly FlowCommand[] = [{ kind: 'start' }];

const wholeOrder: readonly FlowCommand[] = [
  ...start,
  { kind: 'set', slot: 'pizza', value: 'pepperoni' },
  { kind: 'set', slot: 'size', value: 'S' },
  { kind: 'set', slot: 'spice', value: 'hot' },
  { kind: 'set', slot: 'quantity', value: 2 },
  { kind: 'set', slot: 'phone', value: '5551234567' },
  { kind: 'set', slot: 'address', value: '1 High St' },
];
/** Mostly a yes, sometimes another value. */
const nearTheEnd: fc.Arbitrary<readonly FlowCommand[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<readonly FlowCommand[]>([{ kind: 'confirm' }]) },
  fc.array(setting, { minLength: 1, maxLength: 2 }),
  fc.constant<readonly FlowCommand[]>([{ kind: 'set', slot: 'mode', value: 'delivery' }]),
  fc.constant<readonly FlowCommand[]>([{ kind: 'deny' }]),
);

/** What the first confirmation is about. */
function ordered({ pizza, size, spice, quantity }: Slots = {}): unknown {
  return { pizza, size, spice, quantity };
}

function expectValid(slots: Slots): void {
  for (const slot of flow.slots) {
    const value = slots[slot.name];
    if (value === undefined) continue;
    expect(fits(slot, value)).toBe(true);
    expect(slot.needed(slots)).toBe(true);
    expect(slot.rejects.filter((rule) => rule.when(value, slots))).toEqual([]);
  }
}

describe('any flow of commands', () => {
  it('leads to the same place when it is played again, also from stored states', () => {
    fc.assert(
      fc.property(messages, (all) => {
        const results = play([start, ...all]);
        expect(play([start, ...all])).toEqual(results);
        for (const [index, { state }] of results.entries()) {
          const stored: FlowState | undefined = state && JSON.parse(JSON.stringify(state));
          const rest = all.slice(index);
          if (stored !== undefined) expect(play(rest, stored)).toEqual(results.slice(index + 1));
        }
      }),
    );
  });

  it('never holds a value that its rules refuse, and completes with every slot that is needed', () => {
    fc.assert(
      fc.property(messages, (all) => {
        for (const { slots, events } of play([start, ...all])) {
          expectValid(slots);
          if (!events.some(({ kind }) => kind === 'completed')) continue;
          const lacking = flow.slots.filter((slot) => slot.needed(slots) && slots[slot.name] === undefined);
          expect(lacking).toEqual([]);
        }
      }),
    );
  });

  it('is answered with words, or left to the model with the question still open', () => {
    fc.assert(
      fc.property(messages, (all) => {
        let before: FlowState | undefined;
        for (const [index, result] of play([start, ...all]).entries()) {
          const commands = index === 0 ? start : all[index - 1];
          const words = renderMessages(flow, result.say, ['en']);
          if (words === '') expect(before === undefined || commands?.length === 0).toBe(true);
          if (result.state !== undefined) expect(result.state.question.kind).not.toBe('nothing');
          before = result.state;
        }
      }),
    );
  });

  it('is cancelled by a cancel wherever it is', () => {
    fc.assert(
      fc.property(messages, message, (all, last) => {
        const { state } = play([start, ...all]).at(-1) ?? {};
        if (state === undefined) return;
        const end = advance(flow, state, [...last, { kind: 'cancel' }]);
        expect(end.state).toBeUndefined();
        expect(end.events).toEqual([{ kind: 'cancelled' }]);
      }),
    );
  });

  it('completes only with the order that a yes was said to', () => {
    let completed = 0;
    fc.assert(
      fc.property(fc.array(nearTheEnd, { minLength: 3, maxLength: 12 }), (all) => {
        let before: FlowAdvance | undefined;
        let agreed: unknown;
        for (const result of play([wholeOrder, ...all])) {
          const question = before?.state?.question;
          const confirmed = result.events.some(({ kind }) => kind === 'confirmed');
          if (confirmed && question?.kind === 'confirm' && question.step === 2)
            agreed = ordered(before?.slots);
          if (result.events.some(({ kind }) => kind === 'completed')) {
            completed += 1;
            expect(ordered(result.slots)).toEqual(agreed);
          }
          before = result;
        }
      }),
      { numRuns: 500 },
    );
    expect(completed).toBeGreaterThan(20);
  });
});

describe('values', () => {
  it('in one message may come in any order', () => {
    fc.assert(
      fc.property(
        collecting,
        fc.array(setting, { minLength: 2, maxLength: 6 }),
        fc.nat(),
        (all, sets, seed) => {
          const distinct = sets.filter(
            (command, index) => sets.findIndex((other) => slotOf(other) === slotOf(command)) === index,
          );
          const { state } = play([start, ...all]).at(-1) ?? {};
          const turned = rotated(distinct.toReversed(), seed);
          expect(advance(flow, state, turned)).toEqual(advance(flow, state, distinct));
        },
      ),
    );
  });

  it('of other slots stay when one is corrected, unless a rule speaks against them', () => {
    fc.assert(
      fc.property(collecting, setting, (all, correction) => {
        const before = play([start, ...all]).at(-1)?.state;
        if (before === undefined) return;
        const given = advance(flow, before, [correction]).state?.given ?? {};
        for (const slot of flow.slots) {
          // Only the number of pizzas has a rule over another slot.
          if (slot.name === slotOf(correction) || slot.name === 'quantity') continue;
          expect(given[slot.name]).toEqual(before.given[slot.name]);
        }
      }),
    );
  });
});

describe('any text', () => {
  const piece = fc.constantFrom(
    'large',
    'small',
    'pepperoni',
    'two',
    'three',
    'yes',
    'no',
    'not',
    'change',
    'size',
    'the',
    'deliver to',
    '1 High St',
    '5551234567',
    'start over',
    'when',
    '大份',
    '小份',
    '两个',
    '改成',
    '不要',
    '是的',
    '取消',
    '吗',
    ',',
    '.',
    '?',
    '\n',
    'hot',
    'pick up',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(' ')),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
  );

  it('gets an answer or is left to the model with what to say after it; the state is plain JSON', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 10 }), (texts) => {
        let stored: unknown;
        for (const said of ['a pizza please', ...texts]) {
          const wasOpen = stored !== undefined;
          const answer: FlowAnswer = answerFlow([flow], stored, {
            text: said,
            locales: ['en'],
            firstMessage: !wasOpen,
          });
          expectValid(answer.slots);
          expect(answer.handled).toBe(answer.text !== '');
          if (wasOpen) expect(answer.text + answer.append).not.toBe('');
          stored = answer.state === undefined ? undefined : JSON.parse(JSON.stringify(answer.state));
          expect(stored).toEqual(answer.state);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function slotOf(command: FlowCommand): string {
  return command.kind === 'set' ? command.slot : '';
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const at = by % Math.max(1, list.length);
  return [...list.slice(at), ...list.slice(0, at)];
}
