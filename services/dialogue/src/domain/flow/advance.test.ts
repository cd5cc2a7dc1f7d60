import { describe, expect, it } from 'vitest';
import { advance } from './advance.ts';
import type { FlowAdvance } from './advance.ts';
import { fakeOrderFlow as flow } from './fake-order-flow.ts';
import type { FlowCommand } from './flow-command.ts';
import { renderMessages } from './flow-message.ts';
import type { FlowState } from './flow-state.ts';
import type { SlotValue } from './slot-value.ts';

function set(slot: string, value: SlotValue): FlowCommand {
  return { kind: 'set', slot, value };
}

const order: readonly FlowCommand[] = [
  { kind: 'start' },
  set('pizza', 'pepperoni'),
  set('size', 'S'),
  set('spice', 'hot'),
  set('quantity', 2),
];

/** The flow after several messages, each a list of commands. */
function after(...messages: readonly (readonly FlowCommand[])[]): FlowAdvance & { readonly text: string } {
  let state: FlowState | undefined;
  let last: FlowAdvance | undefined;
  for (const commands of messages) {
    last = advance(flow, state, commands);
    state = last.state;
  }
  if (last === undefined) throw new Error('There must be a message.');
  return { ...last, text: renderMessages(flow, last.say, ['en']) };
}

const yes: readonly FlowCommand[] = [{ kind: 'confirm' }];
const no: readonly FlowCommand[] = [{ kind: 'deny' }];

describe('a flow', () => {
  it('does nothing until it is started', () => {
    expect(after([set('size', 'L')])).toMatchObject({ state: undefined, say: [], events: [] });
  });

  it('asks for its slots in order, and takes a default without a question', () => {
    expect(after([{ kind: 'start' }]).text).toBe('Welcome!\nWhich pizza?');
    expect(after([{ kind: 'start' }], [set('pizza', 'seasons')]).text).toBe('Which size?');
    expect(after(order)).toMatchObject({
      text: 'Welcome!\n2 small Pepperoni, hot. Right?',
      slots: { plates: 0, quantity: 2 },
    });
  });

  it('skips what it knows already, wherever it comes in the order', () => {
    const state = after(
      [{ kind: 'start' }, set('mode', 'pickup'), set('size', 'S')],
      [set('pizza', 'seasons')],
    );
    expect(state.text).toBe('How hot?');
    expect(state.slots).toMatchObject({ mode: 'pickup' });
  });

  it('goes through both confirmations to its end', () => {
    const address = [set('mode', 'delivery'), set('address', '1 High St'), set('phone', '5551234567')];
    expect(after(order, yes).text).toBe('Delivery or pick-up?');
    expect(after(order, yes, address).text).toBe('To 1 High St. Right?');
    const end = after(order, yes, address, yes);
    expect(end).toMatchObject({
      state: undefined,
      text: 'Done.',
      slots: { size: 'S', address: '1 High St' },
    });
    expect(end.events.map(({ kind }) => kind)).toEqual(['confirmed', 'completed']);
  });

  it('leaves out the steps and slots whose condition is not met', () => {
    const end = after(order, yes, [set('mode', 'pickup'), set('phone', '5551234567')]);
    expect(end).toMatchObject({ state: undefined, text: 'Done.' });
    expect(end.slots).not.toHaveProperty('address');
  });

  it('keeps the value of a slot that is not needed, in case it is needed again', () => {
    const before = after(
      order,
      yes,
      [set('mode', 'delivery'), set('address', '1 High St')],
      [set('mode', 'pickup')],
    );
    expect(before.slots).not.toHaveProperty('address');
    const back = advance(flow, before.state, [set('mode', 'delivery')]);
    expect(back.slots).toMatchObject({ address: '1 High St' });
  });
});

describe('a value that a rule refuses', () => {
  it('is not taken; the reason is said and the slot asked again', () => {
    const refused = after([...order.slice(0, 4), set('quantity', 30)]);
    expect(refused.text).toBe('Welcome!\n30 small pizzas are too many.\nHow many?');
    expect(refused.slots).not.toHaveProperty('quantity');
  });

  it('leaves the value before, which a no keeps', () => {
    const refused = after(order, [set('quantity', 30)]);
    expect(refused).toMatchObject({
      text: '30 small pizzas are too many.\nHow many?',
      slots: { quantity: 2 },
    });
    expect(advance(flow, refused.state, no)).toMatchObject({ state: { question: { kind: 'confirm' } } });
  });

  it('may be one that another slot made wrong', () => {
    const wide = after([...order.slice(0, 4), set('quantity', 12)], [set('size', 'L')]);
    expect(wide.text).toBe('12 large pizzas are too many.\nChanged to large.\nHow many?');
    expect(wide.slots).not.toHaveProperty('quantity');
    expect(wide.events).toEqual([
      { kind: 'corrected', slot: 'size' },
      { kind: 'rejected', slot: 'quantity' },
    ]);
  });
});

describe('a correction', () => {
  it('while slots are asked for says what it changed and goes on with the question', () => {
    const state = after([{ kind: 'start' }, set('size', 'S')], [set('size', 'L')]);
    expect(state.text).toBe('Changed to large.\nWhich pizza?');
  });

  it('at the confirmation shows the summary anew', () => {
    expect(after(order, [set('size', 'L')]).text).toBe('2 large Pepperoni, hot. Right?');
    expect(after(order, [{ kind: 'deny' }, set('quantity', 3)]).text).toBe('3 small Pepperoni, hot. Right?');
  });

  it('turns a yes in the same message into a question', () => {
    expect(after(order, [{ kind: 'confirm' }, set('size', 'L')]).state).toMatchObject({
      question: { kind: 'confirm' },
    });
    expect(after(order, [{ kind: 'confirm' }, set('size', 'S')]).text).toBe('Delivery or pick-up?');
  });

  it('after a confirmation makes it count no more', () => {
    expect(after(order, yes, [set('size', 'L')]).text).toBe('2 large Pepperoni, hot. Right?');
  });

  it('of what comes later leaves the confirmation before it', () => {
    const later = [set('mode', 'delivery'), set('address', '1 High St'), set('phone', '5551234567')];
    expect(after(order, yes, later, [set('address', '2 High St')]).text).toBe('To 2 High St. Right?');
  });

  it('may name a slot only: it is asked, and keeps its value until there is another', () => {
    const asked = after(order, [{ kind: 'correct', slot: 'size' }]);
    expect(asked).toMatchObject({ text: 'Which size?', slots: { size: 'S' } });
    expect(advance(flow, asked.state, [set('size', 'M')]).slots).toMatchObject({ size: 'M' });
    expect(advance(flow, asked.state, no).state).toMatchObject({ question: { kind: 'confirm' } });
  });
});

describe('a no to the confirmation', () => {
  it('asks what to change', () => {
    const edit = after(order, no);
    expect(edit.text).toBe('What shall I change?');
    expect(advance(flow, edit.state, [set('size', 'L')]).state).toMatchObject({
      question: { kind: 'confirm' },
    });
  });

  it('leads back to the confirmation when nothing is to change, and a yes there does not confirm', () => {
    for (const answer of [yes, no]) {
      expect(after(order, no, answer)).toMatchObject({
        text: '2 small Pepperoni, hot. Right?',
        state: { done: [0] },
      });
    }
  });
});

describe('what is not understood', () => {
  it('is said, and the question is put again', () => {
    expect(after(order, [{ kind: 'unclear' }]).text).toBe(
      'Sorry, I did not get that.\n2 small Pepperoni, hot. Right?',
    );
    expect(after(order, no, [{ kind: 'unclear' }]).text).toBe(
      'Sorry, I did not get that.\nWhat shall I change?',
    );
    expect(after([{ kind: 'start' }], yes).text).toBe('Sorry, I did not get that.\nWhich pizza?');
  });

  it('and is not for the flow is left to the model, while the flow stays where it is', () => {
    const before = after(order);
    const aside = advance(flow, before.state, []);
    expect(aside).toMatchObject({ say: [], events: [{ kind: 'digressed' }] });
    expect(aside.state).toEqual({ ...before.state, misunderstood: 1 });
  });

  it('three times in a row makes the flow offer to cancel', () => {
    const offered = after([{ kind: 'start' }], [{ kind: 'unclear' }], [], yes);
    expect(offered.text).toContain('Shall I cancel it?');
    expect(advance(flow, offered.state, yes)).toMatchObject({
      state: undefined,
      events: [{ kind: 'confirmed' }, { kind: 'cancelled' }],
    });
    expect(advance(flow, offered.state, no).state).toMatchObject({
      question: { kind: 'slot', slot: 'pizza' },
    });
    expect(advance(flow, offered.state, [set('pizza', 'seasons')]).slots).toMatchObject({ pizza: 'seasons' });
  });

  it('counts from the last message that was understood', () => {
    const state = after([{ kind: 'start' }], [], [], [set('size', 'S')], [], []);
    expect(state.events).toEqual([{ kind: 'digressed' }]);
  });
});

describe('the other wishes', () => {
  it('cancel ends it, without a word more', () => {
    expect(after(order, [{ kind: 'cancel' }, set('size', 'L')])).toMatchObject({
      state: undefined,
      text: 'All right, I have cancelled it.',
    });
  });

  it('restart forgets everything, and takes what comes with it', () => {
    const again = after(order, yes, [{ kind: 'restart' }, set('size', 'L')]);
    expect(again.text).toBe('Let us start again.\nWelcome!\nWhich pizza?');
    expect(again.slots).toEqual({ size: 'L', plates: 0 });
  });

  it('repeat puts the open question again', () => {
    expect(after(order, [{ kind: 'repeat' }]).text).toBe('2 small Pepperoni, hot. Right?');
    expect(after(order, no, [{ kind: 'repeat' }]).text).toBe('What shall I change?');
  });

  it('a value that a slot cannot hold is not taken', () => {
    expect(
      after([{ kind: 'start' }, set('size', 'XXL'), set('quantity', 1.5), set('nonsense', 1)]).slots,
    ).toEqual({ plates: 0 });
  });
});
