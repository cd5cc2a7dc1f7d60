import { describe, expect, it } from 'vitest';
import { fakeOrderFlow as flow } from '../fake-order-flow.ts';
import { openedFlow } from '../flow-state.ts';
import type { FlowState, OpenQuestion } from '../flow-state.ts';
import type { FlowCommand } from '../flow-command.ts';
import type { Slots } from '../slot-value.ts';
import { understand } from './understand.ts';

function asking(slot: string, given: Slots = {}): FlowState {
  return { ...openedFlow(flow), question: { kind: 'slot', slot }, given };
}

function at(
  question: OpenQuestion,
  given: Slots = { pizza: 'pepperoni', size: 'S', quantity: 2 },
): FlowState {
  return { ...openedFlow(flow), question, given };
}

/** `size=L quantity=2 confirm`, in the order of the slots. */
function said(commands: readonly FlowCommand[]): string {
  const sets = flow.slots.flatMap(({ name }) =>
    commands.flatMap((command) =>
      command.kind === 'set' && command.slot === name ? [`${name}=${command.value}`] : [],
    ),
  );
  const others = commands.flatMap((command) => {
    if (command.kind === 'set') return [];
    return [command.kind === 'correct' ? `correct ${command.slot}` : command.kind];
  });
  return [...others, ...sets].join(' ');
}

describe('a message that starts the flow', () => {
  it.each([
    ['I want a pizza', 'start'],
    ['a large pepperoni pizza please, two of them', 'start pizza=pepperoni size=L quantity=2'],
    ['Two large Four Seasons pizzas for pick-up', 'start pizza=seasons size=L quantity=2 mode=pickup'],
    ['four FOUR SEASONS pizzas', 'start pizza=seasons quantity=4'],
    ['来两个大份香肠披萨', 'start pizza=pepperoni size=L quantity=2'],
    ['两个 Margherita 披萨，小份', 'start pizza=margherita size=S quantity=2'],
    ['一个四季披萨', 'start pizza=seasons quantity=1'],
    ['a pizza. deliver to 12 Main Street', 'start mode=delivery address=12 Main Street'],
    ['pizza, phone 555 123 4567', 'start phone=555 123 4567'],
    ['披萨，送到中山路1号，电话13800001111', 'start address=中山路1号 phone=13800001111'],
    ['cancel my pizza', ''],
    ['good morning', ''],
  ])('%s', (text, expected) => {
    expect(said(understand(flow, undefined, text))).toBe(expected);
  });
});

describe('an answer to what is asked', () => {
  it.each([
    ['size', 'large', 'size=L'],
    ['size', 'The big one, please', 'size=L'],
    ['size', 'a large', 'size=L'],
    ['size', 'medium', 'size=M'],
    ['spice', 'medium', 'spice=medium'],
    ['size', '大', 'size=L'],
    ['size', '要大的', 'size=L'],
    ['size', '中份吧', 'size=M'],
    ['quantity', '3', 'quantity=3'],
    ['quantity', 'three', 'quantity=3'],
    ['plates', 'three', 'plates=3'],
    ['quantity', '三', 'quantity=3'],
    ['quantity', '就两个', 'quantity=2'],
    ['pizza', '大学路', 'unclear'],
    ['mode', 'deliver it', 'mode=delivery'],
    ['address', '12 Large Street, flat 2', 'address=12 Large Street, flat 2'],
    ['address', "It's 12 Main Street.", 'address=12 Main Street'],
    ['address', 'No. 5 Main Street', 'address=No. 5 Main Street'],
    ['address', '送到大学路8号', 'address=大学路8号'],
    ['address', 'no', 'deny'],
    ['address', 'change the size to large', 'size=L'],
    ['phone', '+86 138 0000 1111', 'phone=+86 138 0000 1111'],
    ['phone', "it's 5551234567, thanks", 'phone=5551234567'],
    ['phone', '12345', 'unclear'],
    ['phone', '3 pizzas, phone 5551234567', 'quantity=3 phone=5551234567'],
    ['phone', 'make it 3', 'quantity=3'],
    ['phone', '我的电话是13800001111', 'phone=13800001111'],
  ])('asked for %s: %s', (slot, text, expected) => {
    expect(said(understand(flow, asking(slot), text))).toBe(expected);
  });
});

describe('several slots in one message', () => {
  it.each([
    ['size', 'large, and spiciness medium', 'size=L spice=medium'],
    ['pizza', 'medium size, hot, pepperoni', 'pizza=pepperoni size=M spice=hot'],
    ['pizza', 'three pizzas and 4 plates', 'quantity=3 plates=4'],
    ['pizza', '3个，盘子4个', 'quantity=3 plates=4'],
    ['pizza', '辣度中辣，大小大份', 'size=L spice=medium'],
    ['pizza', 'size large. When do you close?', 'size=L'],
  ])('asked for %s: %s', (slot, text, expected) => {
    expect(said(understand(flow, asking(slot), text))).toBe(expected);
  });

  it('takes a value that fits two slots for the one that is still empty', () => {
    expect(said(understand(flow, asking('quantity', { size: 'S' }), 'medium'))).toBe('spice=medium');
  });
});

describe('a correction', () => {
  it.each([
    ['change the size to large', 'size=L'],
    ['actually, make it large', 'size=L'],
    ['no, make it three', 'deny quantity=3'],
    ['not pepperoni, margherita', 'pizza=margherita'],
    ['large instead of small', 'size=L'],
    ['change it from small to large', 'deny size=L'],
    ['small, no, large', 'size=L'],
    ['the size should be large', 'size=L'],
    ['yes, but large', 'confirm size=L'],
    ['大小改成大份', 'size=L'],
    ['改成三个', 'quantity=3'],
    ['把小份换成大份', 'size=L'],
    ['不要小份，要大份', 'deny size=L'],
    ['数量改为五', 'quantity=5'],
    ['change the size', 'correct size'],
    ['I want a different kind', 'correct pizza'],
    ['the size is wrong', 'correct size'],
    ['not small', 'correct size'],
    ['改一下数量', 'deny correct quantity'],
    ['口味不对', 'deny correct pizza'],
  ])('at the confirmation: %s', (text, expected) => {
    const commands = understand(flow, at({ kind: 'confirm', step: 2 }), text);
    expect(
      said(commands)
        .split(' ')
        .filter((word) => word !== 'deny'),
    ).toEqual(expected.split(' ').filter((word) => word !== 'deny'));
  });

  it.each([
    ['the size', 'correct size'],
    ['数量', 'correct quantity'],
    ['large', 'size=L'],
    ['nothing', 'deny'],
    ['something is wrong', 'unclear'],
  ])('at "What shall I change?": %s', (text, expected) => {
    expect(said(understand(flow, at({ kind: 'edit' }), text))).toBe(expected);
  });
});

describe('what gives no value', () => {
  it.each([
    ['large or medium', 'unclear'],
    ['大份还是中份', 'unclear'],
    ['two or three', 'unclear'],
    ['how much is a large one?', ''],
    ['大份多少钱？', ''],
    ['what sizes do you have?', 'repeat'],
    ['有哪些大小？', 'repeat'],
    ['which pizza is the best in town and why do you think so', ''],
    ['gigantic', 'unclear'],
    ['巨无霸', 'unclear'],
    ['I told my brother about this yesterday', ''],
    ['昨天我和弟弟说起过这件事情', ''],
    ["I'll see", 'unclear'],
    ['cancel', 'cancel'],
    ['cancel the large pepperoni', 'unclear'],
    ['start over with a small one', 'restart size=S'],
    ['', ''],
    ['large '.repeat(1_000), ''],
  ])('asked for the size: %s', (text, expected) => {
    expect(said(understand(flow, asking('size'), text))).toBe(expected);
  });
});

describe('full-width and odd spelling', () => {
  it.each([
    ['ＬＡＲＧＥ', 'size=L'],
    ['large!!!', 'size=L'],
    ['  large\n', 'size=L'],
    ['I’d like large', 'size=L'],
    ['２个', 'quantity=2'],
  ])('%s', (text, expected) => {
    expect(said(understand(flow, asking('size'), text))).toBe(expected);
  });
});
