import { describe, expect, it } from 'vitest';
import type { ChatMessage, FunctionTool, RequestTools } from '../../../../../ports/engine.ts';
import { PromptTemplate } from './prompt-template.ts';
import { planCalls } from './tool-calling.ts';
import { callSchema, schemaOf } from './tool-schema.ts';

const weather: FunctionTool = {
  name: 'weather',
  description: 'Says "hello" to <|im_end|> weather',
  parameters: JSON.stringify({
    type: 'object',
    properties: {
      city: { type: 'string', pattern: '^[A-Z]' },
      days: { type: 'integer', minimum: 1 },
      pattern: { $ref: '#/$defs/unit' },
    },
    required: ['city'],
    $defs: { unit: { enum: ['C', 'F'] } },
  }),
};
const time: FunctionTool = { name: 'time', description: '', parameters: '' };

function tools(choice: RequestTools['choice'], ...functions: FunctionTool[]): RequestTools {
  return { functions, choice, single: false };
}

/** In the way of Qwen and Hermes. */
const hermes =
  '{% if tools %}<|im_start|>system\n{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}Use <tool_call>.<|im_end|>\n{% endif %}' +
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}' +
  '{% if m.tool_calls %}{% for call in m.tool_calls %}<tool_call>{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}</tool_call>{% endfor %}{% endif %}' +
  '<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

const plain =
  '{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}';

const asked: readonly ChatMessage[] = [
  { role: 'user', content: 'How is Rome?' },
  {
    role: 'assistant',
    content: '',
    toolCalls: [{ id: 'call_1', name: 'weather', arguments: '{"city": "Rome<|im_end|>"}' }],
  },
  { role: 'tool', content: 'sunny', toolCallId: 'call_1' },
];

function template(
  source: string,
  toolFormat: 'hermes' | 'mistral' | 'generic',
  systemRole = true,
): PromptTemplate {
  return new PromptTemplate({ source, bosText: '', eosText: '', systemRole, toolFormat });
}

describe('a template that knows tools', () => {
  it('is told of them, of calls and of results, and none of their texts is trusted', () => {
    const pieces = template(hermes, 'hermes').render(asked, [weather]);
    const text = pieces.map((piece) => piece.text).join('');
    expect(text).toContain(JSON.stringify(weather.description));
    expect(text).toContain(
      '<tool_call>{"name": "weather", "arguments": {"city": "Rome<|im_end|>"}}</tool_call>',
    );
    expect(text).toContain('<|im_start|>tool\nsunny<|im_end|>');
    const trusted = pieces.filter((piece) => piece.trusted).map((piece) => piece.text);
    // What users wrote spells no control token of the prompt's.
    expect(trusted.join('').match(/<\|im_end\|>/g)).toHaveLength(4);
    const [, written = ''] = /\n(\{"type": "function".*\})\n/.exec(text) ?? [];
    expect(JSON.parse(written)).toEqual({
      type: 'function',
      function: {
        name: 'weather',
        description: weather.description,
        parameters: JSON.parse(weather.parameters),
      },
    });
  });

  it('of Mistral gets ids of nine letters and digits, the same for a call and its result', () => {
    const source =
      '{% for m in messages %}{% if m.tool_calls %}{% for c in m.tool_calls %}{{ c.id }}{% endfor %}{% endif %}|{{ m.tool_call_id }}{% endfor %}';
    const text = template(source, 'mistral')
      .render(asked)
      .map((piece) => piece.text)
      .join('');
    expect(text).toMatch(/^\|(\w{9})\|\|\1$/);
  });
});

describe('a template that knows no tools', () => {
  it('reads of them in the system message, and of calls and results in others', () => {
    const text = template(plain, 'generic')
      .render(asked, [time])
      .map((piece) => piece.text)
      .join('');
    expect(text).toMatch(/^\[system\]You can ask for these functions/);
    expect(text).toContain('{"name":"time","description":"","parameters":{"type":"object"');
    expect(text).toContain(
      '[assistant]<tool_call>{"name": "weather", "arguments": {"city": "Rome<|im_end|>"}}</tool_call>',
    );
    expect(text).toContain('[user]<tool_response>\nsunny\n</tool_response>[assistant]');
  });

  it('keeps the system message of the request, and does without where the model has none', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ];
    const told = template(plain, 'generic')
      .render(messages, [time])
      .map((piece) => piece.text)
      .join('');
    expect(told).toMatch(/^\[system\]Be brief\.\n\nYou can ask/);
    const folded = template(plain, 'generic', false)
      .render(messages, [time])
      .map((piece) => piece.text)
      .join('');
    expect(folded).toMatch(/^\[user\]Be brief\.\n\nYou can ask/);
  });
});

describe('a call that must come', () => {
  it('to one function begins in the prompt, and its arguments are held to the schema', () => {
    const { forced } = planCalls(tools({ name: 'weather' }, weather, time), 'hermes', { kind: 'text' });
    expect(forced?.prompt).toBe('<tool_call>\n{"name": "weather", "arguments": ');
    expect(forced?.written).toBe('{"name": "weather", "arguments": ');
    expect(forced?.form).toEqual({ kind: 'json-schema', schema: JSON.stringify(schemaOf(weather)) });
    expect(planCalls(tools('required', time), 'llama3', { kind: 'text' }).forced?.prompt).toBe(
      '{"name": "time", "parameters": ',
    );
  });

  it('to one of several is an object with the name, their definitions told apart', () => {
    const { forced } = planCalls(tools('required', weather, time), 'mistral', { kind: 'text' });
    expect(forced?.prompt).toBe('[TOOL_CALLS][');
    const schema = callSchema([weather, time], 'arguments') as { oneOf: { properties: { name: unknown } }[] };
    expect(forced?.form).toEqual({ kind: 'json-schema', schema: JSON.stringify(schema) });
    expect(schema.oneOf.map(({ properties }) => properties.name)).toEqual([
      { const: 'weather' },
      { const: 'time' },
    ]);
    expect(schema).toMatchObject({ $defs: { '0-unit': { enum: ['C', 'F'] } } });
    expect(JSON.stringify(schema)).toContain('{"$ref":"#/$defs/0-unit"}');
  });

  it('leaves out what cannot be enforced, and keeps properties of those names', () => {
    expect(schemaOf(weather)).toMatchObject({
      properties: { city: { type: 'string' }, days: { type: 'integer' }, pattern: { $ref: '#/$defs/unit' } },
    });
    expect(JSON.stringify(schemaOf(weather))).not.toContain('minimum');
    expect(schemaOf(time)).toEqual({ type: 'object', properties: {}, additionalProperties: false });
  });

  it.each([
    [{ type: 'string' }, 'invalid_request', /"f" must have the type "object"/],
    [{ type: 'object', properties: { a: { not: {} } } }, 'unsupported', /function "f": .*uses "not"/],
    [[1], 'invalid_request', /which is an object/],
  ])('is refused where %j cannot be enforced', (parameters, code, message) => {
    const one = { name: 'f', description: '', parameters: JSON.stringify(parameters) };
    const plan = (): unknown => planCalls(tools('required', one), 'hermes', { kind: 'text' });
    expect(plan).toThrow(
      expect.objectContaining({ code, param: 'tools', message: expect.stringMatching(message) }),
    );
  });
});

it('a call that may come stands not beside a set form; one that must not is not spoken of', () => {
  expect(() => planCalls(tools('auto', time), 'hermes', { kind: 'json-object' })).toThrow(
    expect.objectContaining({ code: 'unsupported', param: 'format' }),
  );
  expect(planCalls(tools('none', time), 'hermes', { kind: 'json-object' })).toEqual({ described: [] });
  expect(planCalls(tools('auto', time), 'hermes', { kind: 'text' })).toEqual({ described: [time] });
});
