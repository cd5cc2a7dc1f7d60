import { turnEvents } from '@parley/contracts';
import { fromJsonString } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { TestDialogue } from '../../../tests/support/test-dialogue.ts';
import { documentOfEvent } from '../../adapters/outbound/document-of-event.ts';
import { Answer } from '../turn/answer.ts';
import { outcomeLog } from '../log/outcome-log.ts';
import type { Item, Tools } from '../turn/turn.ts';

const tools: Tools = {
  functions: [
    { name: 'weather', description: 'The weather.', parameters: '{"type":"object"}' },
    { name: 'time', description: '', parameters: '' },
  ],
  choice: 'auto',
  chosen: '',
  single: false,
};

async function launch(): Promise<TestDialogue> {
  const fleet = await TestDialogue.launch();
  fleet.model.answer = (generation) => {
    generation.started().says('Let me look.');
    generation.calls(0, 'weather', '{"city":', '"Rome"}').calls(1, 'time', '{}').finishes('tool_calls');
  };
  return fleet;
}

function result(callId: string, output: string): Item {
  const content = [{ type: 'text', text: output } as const];
  return { id: 'fco', type: 'function_output', role: 'tool', callId, content, status: 'completed', name: '' };
}

describe('a turn that asks for functions', () => {
  it('is complete, and its log tells the words and each call', async () => {
    await using fleet = await launch();
    const reading = fleet.say('How is Rome?', { tools });
    const turn = await reading.ended();
    expect(turn).toMatchObject({ status: 'completed', finishReason: 'tool_calls', tools });
    expect(turn.output).toMatchObject([
      { type: 'message', content: [{ text: 'Let me look.' }], status: 'completed' },
      {
        type: 'function_call',
        callId: 'call_0',
        name: 'weather',
        arguments: '{"city":"Rome"}',
        status: 'completed',
      },
      { type: 'function_call', callId: 'call_1', name: 'time', arguments: '{}', status: 'completed' },
    ]);
    const call = ['item_added', 'arguments_delta', 'arguments_done', 'item_done'];
    // How often deltas come is a matter of pace.
    const types = reading.types.filter(
      (type, index) => !type.endsWith('_delta') || type !== reading.types[index - 1],
    );
    expect(types.slice(2)).toEqual([
      'item_added',
      'part_added',
      'text_delta',
      'text_done',
      'part_done',
      'item_done',
      ...call,
      ...call,
      'turn_ended',
    ]);
    expect(reading.sequences).toEqual(reading.entries.map((_, index) => index));
    expect(turn.usage?.outputTokens).toBe(4);
  });

  it('is replayed to who attaches, and made again from its outcome and its event', async () => {
    await using fleet = await launch();
    const first = fleet.say('How is Rome?', { tools });
    const turn = await first.ended();
    const after = first.sequences.at(3) ?? 0;
    const again = fleet.attach(turn.id, after);
    await again.ended();
    expect(again.entries).toEqual(first.entries.slice(after + 1));
    const made = outcomeLog(turn);
    expect(made.filter(({ body }) => body.type === 'arguments_done').map(({ body }) => body)).toMatchObject([
      { name: 'weather', text: '{"city":"Rome"}', outputIndex: 1 },
      { name: 'time', text: '{}', outputIndex: 2 },
    ]);
    const published = await fleet.published(turn.id);
    const { type, data } = published.at(-1) ?? { type: '', data: '' };
    const event = fromJsonString(turnEvents.TurnFinishedSchema, data);
    expect(event.output[1]?.functionCall).toMatchObject({
      id: 'call_0',
      name: 'weather',
      arguments: '{"city":"Rome"}',
    });
    expect(JSON.parse(JSON.stringify(documentOfEvent(type, data)?.turn))).toMatchObject(
      JSON.parse(
        JSON.stringify({ output: turn.output, tools: turn.tools, finishReason: 'tool_calls' }),
      ) as object,
    );
  });

  it('without a record keeps which functions were asked for, and nothing of what they were given', async () => {
    await using fleet = await launch();
    const turn = await fleet.say('How is Rome?', { tools, store: false }).ended();
    const data = (await fleet.published(turn.id)).at(-1)?.data ?? '';
    expect(data).toContain('"weather"');
    expect(data).not.toContain('Rome');
    expect(data).not.toContain('The weather.');
  });

  it('is followed by their results: the model reads calls and results as such', async () => {
    await using fleet = await launch();
    const turn = await fleet.say('How is Rome?', { tools }).ended();
    fleet.model.answer = (generation) => generation.started().says('Sunny.').finishes();
    const input = [result('call_0', 'sunny'), result('call_1', '12:00')];
    const next = await fleet.say('', { input, tools, previousTurnId: turn.id }).ended();
    expect(next.input).toMatchObject([{ callId: 'call_0' }, { callId: 'call_1' }]);
    const prompt = fleet.model.generations.at(-1)?.prompt;
    expect(prompt?.tools).toEqual(tools);
    expect(prompt?.messages).toEqual([
      expect.objectContaining({ role: 'user' }),
      expect.objectContaining({
        role: 'assistant',
        content: [{ type: 'text', text: 'Let me look.' }],
        toolCalls: [
          { id: 'call_0', name: 'weather', arguments: '{"city":"Rome"}' },
          { id: 'call_1', name: 'time', arguments: '{}' },
        ],
      }),
      expect.objectContaining({
        role: 'tool',
        toolCallId: 'call_0',
        content: [{ type: 'text', text: 'sunny' }],
      }),
      expect.objectContaining({ role: 'tool', toolCallId: 'call_1' }),
    ]);
  });

  it('takes no result of a call that was never made', async () => {
    await using fleet = await launch();
    const turn = await fleet.say('How is Rome?', { tools }).ended();
    const stray = fleet.say('', { input: [result('call_9', 'x')], previousTurnId: turn.id });
    expect(await stray.over()).toMatchObject({ code: 'invalid_request', param: 'input[0].call_id' });
  });

  it.each([
    [{ ...tools, functions: [] }, 'tools'],
    [{ ...tools, functions: [...tools.functions, ...tools.functions] }, 'tools'],
    [{ ...tools, choice: 'function', chosen: 'rm' } as const, 'tool_choice'],
    [{ ...tools, functions: [{ name: 'a b', description: '', parameters: '' }] }, 'tools[0].name'],
    [{ ...tools, functions: [{ name: 'a', description: 'x'.repeat(262_145), parameters: '' }] }, 'tools'],
  ])('is refused when its functions are none: %#', async (wrong, param) => {
    await using fleet = await launch();
    expect(await fleet.say('Hi', { tools: wrong }).over()).toMatchObject({ code: 'invalid_request', param });
  });
});

it('an answer that another instance began goes on where its log ends, in the middle of a call', () => {
  const begun = new Answer();
  begun.add('Wait.');
  begun.addCall(0, { id: 'call_0', name: 'weather', arguments: '{"city":' });
  const entries = begun.takeDelta().map((body, sequence) => ({ sequence, body }));
  const rest = Answer.fromLog(entries);
  expect(rest.close('incomplete').map(({ type }) => type)).toEqual(['arguments_done', 'item_done']);
  const items = rest.items('incomplete');
  expect(items).toMatchObject([
    { type: 'message', content: [{ text: 'Wait.' }], status: 'completed' },
    { type: 'function_call', callId: 'call_0', name: 'weather', arguments: '{"city":', status: 'incomplete' },
  ]);
  expect(items.map(({ id }) => id)).toEqual(begun.items('incomplete').map(({ id }) => id));
});
