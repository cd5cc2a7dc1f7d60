import type { EnumSlot, EnumValue, FlowDefinition, SlotDefinition } from './flow-definition.ts';
import type { SlotValue, Slots } from './slot-value.ts';
import { standardMessages } from './standard-messages.ts';

const common = { default: undefined, rejects: [], needed: () => true };

function values(said: Readonly<Record<string, readonly string[]>>): readonly EnumValue[] {
  return Object.entries(said).map(([value, phrases]) => ({
    value,
    label: { en: phrases[0] ?? value, 'zh-CN': phrases.at(-1) ?? value },
    said: [value, ...phrases],
  }));
}

function oneOf(
  name: string,
  called: readonly string[],
  said: Readonly<Record<string, readonly string[]>>,
): EnumSlot {
  return { ...common, type: 'enum', name, called, ask: `ask_${name}`, values: values(said) };
}

const tooMany = (value: SlotValue, slots: Slots): boolean => Number(value) > (slots['size'] === 'L' ? 5 : 20);

const slots: readonly SlotDefinition[] = [
  oneOf('pizza', ['kind', 'pizza', '口味'], {
    margherita: ['Margherita', 'cheese', '玛格丽特'],
    pepperoni: ['Pepperoni', '香肠', '意式香肠'],
    seasons: ['Four Seasons', '四季'],
  }),
  oneOf('size', ['size', '大小'], {
    S: ['small', '小份'],
    M: ['medium', '中份'],
    L: ['large', 'big', '大', '大份'],
  }),
  oneOf('spice', ['spice', 'spiciness', '辣度'], {
    mild: ['mild', '微辣'],
    medium: ['medium', '中辣'],
    hot: ['hot', '特辣'],
  }),
  {
    ...common,
    type: 'integer',
    name: 'quantity',
    called: ['quantity', 'pizzas', '数量'],
    ask: 'ask_quantity',
    rejects: [
      { when: (value) => Number(value) < 1, say: 'too_few' },
      { when: tooMany, say: 'too_many' },
    ],
  },
  { ...common, type: 'integer', name: 'plates', called: ['plates', '盘子'], ask: 'ask_plates', default: 0 },
  oneOf('mode', ['mode', '方式'], {
    delivery: ['delivery', 'deliver', '外送'],
    pickup: ['pick-up', 'pick up', '自取'],
  }),
  {
    ...common,
    type: 'text',
    name: 'address',
    called: ['address', 'deliver to', '地址', '送到'],
    ask: 'ask_address',
    needed: ({ mode }) => mode === 'delivery',
    matches: undefined,
  },
  {
    ...common,
    type: 'text',
    name: 'phone',
    called: ['phone', 'phone number', '电话'],
    ask: 'ask_phone',
    matches: (text) => /^\+?[0-9][0-9 -]{6,16}[0-9]$/.test(text),
  },
];

function said(name: string, en: string, zh: string): readonly [string, Record<string, string>] {
  return [name, { en, 'zh-CN': zh }];
}

/** A flow with a slot of every kind and two confirmations, one after the other. Large pizzas go by at most five. */
export const fakeOrderFlow: FlowDefinition = {
  name: 'order',
  version: '1.0.0',
  digest: 'd1',
  starts: (text) => /\bpizzas?\b|披萨/i.test(text),
  atFirstMessage: false,
  slots,
  steps: [
    { kind: 'say', message: 'welcome', applies: () => true },
    { kind: 'collect', slots: ['pizza', 'size', 'spice', 'quantity', 'plates'] },
    { kind: 'confirm', message: 'confirm_order', applies: () => true },
    { kind: 'collect', slots: ['mode', 'address', 'phone'] },
    { kind: 'confirm', message: 'confirm_address', applies: ({ mode }) => mode === 'delivery' },
    { kind: 'say', message: 'done', applies: () => true },
  ],
  stuckAfter: 3,
  tests: [],
  messages: {
    ...standardMessages,
    ...Object.fromEntries([
      said('welcome', 'Welcome!', '欢迎！'),
      said('ask_pizza', 'Which pizza?', '哪种披萨？'),
      said('ask_size', 'Which size?', '多大？'),
      said('ask_spice', 'How hot?', '多辣？'),
      said('ask_quantity', 'How many?', '几个？'),
      said('ask_plates', 'How many plates?', '几个盘子？'),
      said('ask_mode', 'Delivery or pick-up?', '外送还是自取？'),
      said('ask_address', 'Which address?', '什么地址？'),
      said('ask_phone', 'Which phone number?', '电话号码？'),
      said('too_few', 'At least one.', '至少一个。'),
      said('too_many', '{value} {size} pizzas are too many.', '{value} 个{size}披萨太多了。'),
      said(
        'confirm_order',
        '{quantity} {size} {pizza}, {spice}. Right?',
        '{quantity} 个{size}{pizza}，{spice}，对吗？',
      ),
      said('confirm_address', 'To {address}. Right?', '送到{address}，对吗？'),
      said('done', 'Done.', '好了。'),
    ]),
  },
};
