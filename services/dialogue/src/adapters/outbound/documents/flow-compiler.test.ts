import { readFileSync } from 'node:fs';
import { DocumentError, parseDocument } from '@parley/config';
import { describe, expect, it } from 'vitest';
import { answerFlow } from '../../../domain/flow/answer-flow.ts';
import type { FlowAnswer } from '../../../domain/flow/answer-flow.ts';
import type { FlowDefinition } from '../../../domain/flow/flow-definition.ts';
import { compileFlow } from './flow-compiler.ts';
import { flowKind } from './flow-schema.ts';
import { flowTestFaults } from './flow-test-faults.ts';

const text = `apiVersion: parley/v1
kind: Flow
metadata: { name: booking, version: 1.0.0, title: { en: Booking, zh-CN: 订位 } }
spec:
  start: { when: { en: ['\\bbook\\b'] } }
  slots:
    area: { type: enum, values: [inside, outside], synonyms: { outside: [garden] } }
    guests:
      type: integer
      reject: [{ if: value > 8 || (slots.area == "outside" && value > 4), say: too_many }]
    phone: { type: text, pattern: '\\+?[0-9]{8,15}', needed: slots.guests > 2 }
  steps:
    - collect: [area, guests, phone]
    - { confirm: summary, onNo: edit }
    - say: done
  messages:
    ask_area: { en: Inside or outside? }
    ask_guests: { en: How many?, zh-CN: 几位？ }
    ask_phone: { en: 'Your phone number?' }
    too_many: { en: '{value} do not fit.' }
    summary: { en: '{guests}, {area}{phone}?' }
    done: { en: Booked. }
tests:
  - { name: a table, turns: [{ user: book the garden for two, expect: { asks: confirm } }] }
`;

function compiled(source: string): FlowDefinition {
  const parsed = parseDocument('flows/booking.yaml', source);
  return compileFlow({ digest: 'd', parsed, value: parsed.validate(flowKind.schema) });
}

/** `line path: message` of every fault. */
function faultsOf(source: string): readonly string[] {
  try {
    compiled(source);
  } catch (error) {
    if (error instanceof DocumentError)
      return error.faults.map(({ line, path, message }) => `${line} ${path}: ${message}`);
    throw error;
  }
  return [];
}

function changed(from: string, to: string): string {
  expect(text).toContain(from);
  return text.replace(from, to);
}

function talk(flow: FlowDefinition, ...texts: readonly string[]): FlowAnswer | undefined {
  let answer: FlowAnswer | undefined;
  for (const said of texts) {
    answer = answerFlow([flow], answer?.state, {
      text: said,
      locales: ['en'],
      firstMessage: answer === undefined,
    });
  }
  return answer;
}

describe('a flow document', () => {
  it('becomes a flow whose conditions and patterns hold', () => {
    const flow = compiled(text);
    expect(talk(flow, 'please BOOK a table')?.text).toBe('Inside or outside?');
    expect(talk(flow, 'book', 'garden', '5')?.text).toBe('5 do not fit.\nHow many?');
    expect(talk(flow, 'book', 'inside', '5')?.text).toBe('Your phone number?');
    expect(talk(flow, 'book', 'inside', '2')?.text).toBe('2, inside?');
    expect(talk(flow, 'book', 'inside', '5', '12345')?.outcome).toBe('unclear');
    expect(talk(flow, 'book', 'inside', '5', 'it is 12345678')?.text).toBe('5, inside12345678?');
  });

  it('runs its own tests, and says where one fails', () => {
    const parsed = parseDocument('flows/booking.yaml', changed('asks: confirm', 'asks: phone'));
    const source = { digest: 'd', parsed, value: parsed.validate(flowKind.schema) };
    expect(flowTestFaults(source, compileFlow(source))).toEqual([
      {
        file: 'flows/booking.yaml',
        line: 24,
        path: 'tests[0]',
        message:
          'the test "a table" fails: turn 1 ("book the garden for two"): asks is "confirm", expected "phone"',
      },
    ]);
  });

  it.each([
    ['value > 8', 'valeu > 8', /^10 spec\.slots\.guests\.reject\[0\]\.if: .*Unknown variable: valeu$/],
    ['slots.area ==', 'slots.aera ==', /^10 spec\.slots\.guests\.reject\[0\]\.if: .*No such key: aera$/],
    ['slots.area ==', 'slots.phone ==', /over value, slots\.area: No such key: phone$/],
    ['"outside" && value', '7 && value', /no such overload: string == int$/],
    ['value > 8 ||', 'value > ||', /^10 spec\.slots\.guests\.reject\[0\]\.if: must be a CEL condition/],
    ['needed: slots.guests > 2', 'needed: slots.guests', /^11 spec\.slots\.phone\.needed: .*gives int$/],
    ['needed: slots.guests > 2', 'needed: slots.area.matches("(a+)+$")', /must not use matches\(\)/],
    ["'\\+?[0-9]{8,15}'", "'(?<=a)b'", /^11 spec\.slots\.phone\.pattern: is no RE2 pattern/],
    ["'\\+?[0-9]{8,15}'", "'[0-9]*'", /must not match the empty text$/],
    ["'\\bbook\\b'", "'(book'", /^5 spec\.start\.when\.en\[0\]: is no RE2 pattern/],
    ["{ when: { en: ['\\bbook\\b'] } }", '{}', /^5 spec\.start: .*nothing starts the flow$/],
    [
      '{ outside: [garden] }',
      '{ outsid: [garden] }',
      /^7 spec\.slots\.area\.synonyms\.outsid: is none of the values/,
    ],
    ['{ outside: [garden] }', '{ outside: [Inside] }', /"inside" means inside and outside$/],
    [
      'values: [inside, outside],',
      'values: [inside, outside], default: roof,',
      /^7 spec\.slots\.area\.default/,
    ],
    [
      'type: integer',
      'type: integer\n      default: 9',
      /default: must be a value that the slot does not reject$/,
    ],
    [
      'collect: [area, guests, phone]',
      'collect: [area, guests]',
      /spec\.slots\.phone: is collected by no step$/,
    ],
    [
      'collect: [area,',
      'collect: [area, area,',
      /spec\.steps\[0\]\.collect\[1\]: is collected by another step/,
    ],
    [
      'collect: [area,',
      'collect: [area, table,',
      /spec\.steps\[0\]\.collect\[1\]: is no slot: area, guests, phone$/,
    ],
    ['confirm: summary', 'confirm: sumary', /spec\.steps\[1\]\.confirm: there is no message "sumary"$/],
    ['say: too_many', 'say: too_mny', /reject\[0\]\.say: there is no message "too_mny"$/],
    ['    - say: done\n', '', /spec\.steps\[1\]: must be a say without a condition/],
    ["'{value} do not fit.'", "'{valeu} do not fit.'", /spec\.messages\.too_many\.en: {valeu} is no slot/],
    ['ask_area: { en:', 'ask_area: { zh-CN:', /spec\.messages\.ask_area: must have a text in en, or in en$/],
    [
      '    done: {',
      '    extra: { en: x }\n    done: {',
      /spec\.messages\.extra: is said by nothing in this flow$/,
    ],
    ['    phone: {', '    value: { type: text, ask: ask_area }\n    phone: {', /must have another name/],
  ])('with %s as %s is refused at its place', (from, to, fault) => {
    expect(faultsOf(changed(from, to)).join('\n')).toMatch(new RegExp(fault.source, 'm'));
  });

  it('is told of all its faults at once', () => {
    const faults = faultsOf(changed('value > 8', 'valeu > 8').replace('confirm: summary', 'confirm: sumary'));
    expect(faults.length).toBe(3);
  });

  it.each([
    [
      '- say: done',
      '- { id: place, call: orders.create }',
      /^15 spec\.steps\[2\]\.call: is not there yet: this version of Parley has no/m,
    ],
    ['- say: done', '- { say: done, sideEffect: true }', /sideEffect: is not there yet/],
    ['- say: done', '- { say: done, onError: handoff }', /onError: is not there yet/],
    ['values: [inside, outside],', 'values: [inside], source: { tool: areas },', /source: is not there yet/],
    ['type: integer', 'type: integer\n      pii: phone', /pii: is not there yet/],
    ['  steps:', '  upgrade: { from: "<1.0.0" }\n  steps:', /spec\.upgrade: is not there yet/],
    [
      '  steps:',
      '  repair: { stuck: { after: 2, then: handoff } }\n  steps:',
      /then: must be cancel: this version of Parley has no handoff/,
    ],
    ['  steps:', '  repair: { digression: { maxDepth: 2 } }\n  steps:', /digression: is not there yet/],
    ['turns: [', 'stub: {}, turns: [', /tests\[0\]\.stub: is not there yet/],
    ['onNo: edit', 'onNo: cancel', /spec\.steps\[1\]\.onNo/],
    ['- say: done', '- { say: done, confirm: done }', /must have one of collect, confirm and say/],
    ['type: integer', 'type: date', /spec\.slots\.guests\.type: must have a type: enum, integer or text/],
    ['  steps:', '  stpes: []\n  steps:', /^12 spec\.stpes: is not a known key here/m],
  ])('with %s as %s is refused by its schema', (from, to, fault) => {
    expect(faultsOf(changed(from, to)).join('\n')).toMatch(fault);
  });
});

describe('the flow that is shipped', () => {
  it('passes its own tests, of which there are at least six', () => {
    const file = new URL('../../../../../../config/flows/guided-order.yaml', import.meta.url);
    const parsed = parseDocument('flows/guided-order.yaml', readFileSync(file, 'utf8'));
    const source = { digest: 'd', parsed, value: parsed.validate(flowKind.schema) };
    expect(flowTestFaults(source, compileFlow(source))).toEqual([]);
    expect(source.value.tests.length).toBeGreaterThanOrEqual(6);
  });
});
