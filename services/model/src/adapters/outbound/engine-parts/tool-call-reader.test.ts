import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ForcedCallReader } from './forced-call-reader.ts';
import { ToolCallReader } from './tool-call-reader.ts';
import type { AnswerPart, CallReader } from './tool-call-reader.ts';
import { toolFormatOf } from './tool-format.ts';
import type { CallMarkup } from './tool-format.ts';

const known = new Set(['weather', 'time']);

/** What an answer turned out to be: text and calls, in order. */
function read(reader: CallReader, pieces: readonly string[]): unknown[] {
  const said: unknown[] = [];
  let text = '';
  const tell = (parts: readonly AnswerPart[]): void => {
    for (const part of parts) {
      if (part.kind === 'text') text += part.text;
      else {
        if (text !== '') said.push(text);
        text = '';
        said.push([part.name, part.arguments]);
      }
    }
  };
  for (const piece of pieces) tell(reader.push(piece));
  tell(reader.end());
  return text === '' ? said : [...said, text];
}

function said(markup: CallMarkup, ...pieces: readonly string[]): unknown[] {
  return read(new ToolCallReader(markup, known), pieces);
}

const paris = '{"name": "weather", "arguments": {"city": "Paris {\\"<tool_call>"}}';
const parisArguments = '{"city":"Paris {\\"<tool_call>"}';

const answers: readonly (readonly [CallMarkup, string, unknown[]])[] = [
  ['hermes', 'Just < text, <b>bold</b>.\n', ['Just < text, <b>bold</b>.\n']],
  ['hermes', `<tool_call>\n${paris}\n</tool_call>`, [['weather', parisArguments]]],
  ['hermes', `\n\n<tool_call>${paris}`, [['weather', parisArguments]]],
  [
    'hermes',
    `Let me look.\n<tool_call>\n${paris}\n</tool_call>\n<tool_call>{"name":"time","arguments":{}}</tool_call>\n`,
    ['Let me look.', ['weather', parisArguments], ['time', '{}']],
  ],
  ['hermes', `<tool_call>${paris}</tool_call> Done.`, [['weather', parisArguments], ' Done.']],
  ['hermes', '<tool_call>not JSON</tool_call>', ['<tool_call>not JSON</tool_call>']],
  ['hermes', 'a <tool_call>{"name": "weather"', ['a <tool_call>{"name": "weather"']],
  [
    'hermes',
    '<tool_call>{"name":"rm","arguments":{}}</tool_call>',
    ['<tool_call>{"name":"rm","arguments":{}}</tool_call>'],
  ],
  [
    'hermes',
    "<tool_call>{'name': 'time', 'arguments': {}}</tool_call>",
    ["<tool_call>{'name': 'time', 'arguments': {}}</tool_call>"],
  ],
  ['hermes', `<tool_call> <tool_call>${paris}</tool_call>`, ['<tool_call>', ['weather', parisArguments]]],
  ['llama3', '{"name": "time", "parameters": {"zone": "UTC"}}', [['time', '{"zone":"UTC"}']]],
  [
    'llama3',
    '<|python_tag|>{"name": "time", "parameters": {}}; {"name": "weather", "parameters": {"city": "Rome"}}',
    [
      ['time', '{}'],
      ['weather', '{"city":"Rome"}'],
    ],
  ],
  [
    'llama3',
    'The object {"name": "time", "parameters": {}} is a call.',
    ['The object {"name": "time", "parameters": {}} is a call.'],
  ],
  ['llama3', '{"answer": 42}', ['{"answer": 42}']],
  [
    'mistral',
    `[TOOL_CALLS] [{"name": "time", "arguments": {}, "id": "abcdefghi"}, ${paris}]`,
    [
      ['time', '{}'],
      ['weather', parisArguments],
    ],
  ],
  [
    'hermes',
    `<tool_call>[${paris}, {"name":"time","arguments":{}}]</tool_call>`,
    [
      ['weather', parisArguments],
      ['time', '{}'],
    ],
  ],
  [
    'mistral',
    '[TOOL_CALLS]time[ARGS]{}[TOOL_CALLS]weather[CALL_ID]a1b2c3d4e[ARGS]{"city": "Rome"}',
    [
      ['time', '{}'],
      ['weather', '{"city":"Rome"}'],
    ],
  ],
  ['mistral', '[TOOL_CALLS]time[ARG]{}', ['[TOOL_CALLS]time[ARG]{}']],
  ['mistral', '[TOOL_CALLS]rm[ARGS]{}', ['[TOOL_CALLS]rm[ARGS]{}']],
  ['mistral', 'See [1] and [TOOL_CALLS] below', ['See [1] and [TOOL_CALLS] below']],
];

describe.each(answers)('%s: %j', (markup, text, expected) => {
  it('is read the same however it is cut', () => {
    expect(said(markup, text)).toEqual(expected);
    expect(said(markup, ...text.split(''))).toEqual(expected);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (places) => {
        const cuts = [0, ...places.toSorted((a, b) => a - b), text.length];
        const pieces = cuts.slice(1).map((end, index) => text.slice(cuts[index], end));
        expect(said(markup, ...pieces)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

it('loses nothing and cuts independence: any text of markup fragments is read the same in one piece and in many', () => {
  const fragments = [
    '<tool_call>',
    '</tool_call>',
    '<tool',
    paris,
    '{"a":',
    '}',
    ' ',
    '\n',
    'x',
    '[TOOL_CALLS]',
    ';',
    '[',
  ];
  const markup = fc.constantFrom<CallMarkup>('hermes', 'llama3', 'mistral');
  fc.assert(
    fc.property(markup, fc.array(fc.constantFrom(...fragments), { maxLength: 12 }), (format, parts) => {
      const text = parts.join('');
      const whole = said(format, text);
      expect(said(format, ...text.split(''))).toEqual(whole);
      // Without a call, every character is text.
      if (whole.every((one) => typeof one === 'string')) expect(whole.join('')).toBe(text);
    }),
    { numRuns: 300 },
  );
});

describe('a call by grammar', () => {
  const json = '{"name": "weather", "arguments": {"city": "}{\\"", "days": [1, 2]}}';
  const argumentsText = '{"city": "}{\\"", "days": [1, 2]}';

  function forced(written: string, pieces: readonly string[]): { name: string; text: string; parts: number } {
    const parts = read(new ForcedCallReader(written), pieces) as [string, string][];
    return {
      name: parts.map(([name]) => name).join('|'),
      text: parts.map(([, text]) => text).join(''),
      parts: parts.length,
    };
  }

  it('gives its arguments as they come', () => {
    const { name, text, parts } = forced('', json.split(''));
    expect(name).toMatch(/^weather\|+$/);
    expect(text).toBe(argumentsText);
    expect(parts).toBe(argumentsText.length + 1);
  });

  it('may begin in the prompt', () => {
    const head = '{"name": "weather", "arguments": ';
    expect(forced(head, [argumentsText])).toMatchObject({ text: argumentsText });
  });

  it('that was cut is given as far as it came', () => {
    expect(forced('', ['{"name": "weather", "arguments": {"city": "Par']).text).toBe('{"city": "Par');
    expect(forced('', ['{"name": "wea'])).toMatchObject({ parts: 0 });
  });
});

describe('a chat template', () => {
  it.each([
    ['{% for m in messages %}{{ m.content }}{% endfor %}', 'generic'],
    [
      '{% if tools %}<tools>{{ tools | tojson }}</tools> <tool_call>{\\"arguments\\": 1}{% endif %}',
      'hermes',
    ],
    ['{% if tools %}[AVAILABLE_TOOLS]{{ tools }} [TOOL_CALLS]{% endif %}', 'mistral'],
    [
      '<|start_header_id|>{% if tools %}{"name": function name, "parameters": dictionary}{% endif %}',
      'llama3',
    ],
    ['{% if tools %}<tool_call><function=name>{% endif %}', 'generic'],
    ['{% if tools %}something else{% endif %}', 'generic'],
  ])('shows how its model calls: %s', (template, format) => {
    expect(toolFormatOf(template)).toBe(format);
  });
});
