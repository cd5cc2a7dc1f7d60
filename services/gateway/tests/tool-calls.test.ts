import { gateway as api } from '@parley/contracts';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assistantClient, chatRequest, readAll, withKey } from './support/assistant-client.ts';
import { apiKey, BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';
import { modelPeer } from './support/other-peers.ts';
import { WsClient } from './support/ws-client.ts';

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const chatTools = [
  { type: 'function', function: { name: 'weather', description: 'The weather.', parameters } },
] as const satisfies OpenAI.ChatCompletionTool[];
const responseTools = [
  { type: 'function', name: 'weather', description: 'The weather.', parameters, strict: false },
] as const satisfies OpenAI.Responses.Tool[];

describe('functions that the client runs', () => {
  const dialogue = new DialoguePeer();
  const models = modelPeer();
  let gateway: BootedGateway;
  let client: OpenAI;

  beforeAll(async () => {
    await Promise.all([dialogue.peer.listen(), models.listen()]);
    gateway = await BootedGateway.start({
      PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address,
      PARLEY_MODEL_ADDRESS: models.address,
    });
    client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 });
  });
  beforeEach(() => {
    dialogue.requests.length = 0;
    dialogue.calls = [
      ['weather', '{"city":', '"Rome"}'],
      ['time', '{}'],
    ];
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    dialogue.peer.kill();
    models.kill();
  });

  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'How is Rome?' }];

  it('are asked for by a chat completion, and their results go back in the next', async () => {
    const { choices } = await client.chat.completions.create({
      model: 'default',
      messages,
      tools: [...chatTools],
    });
    const [choice] = choices;
    expect(choice).toMatchObject({
      finish_reason: 'tool_calls',
      message: { role: 'assistant', content: null },
    });
    expect(choice?.message.tool_calls).toEqual([
      { id: 'call_0', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
      { id: 'call_1', type: 'function', function: { name: 'time', arguments: '{}' } },
    ]);
    dialogue.calls = [];
    const said: OpenAI.ChatCompletionMessageParam[] = choice === undefined ? [] : [choice.message];
    const result = await client.chat.completions.create({
      model: 'default',
      messages: [...messages, ...said, { role: 'tool', tool_call_id: 'call_0', content: 'sunny' }],
      tools: [...chatTools],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      parallel_tool_calls: false,
    });
    expect(result.choices[0]?.message.content).toBe('Hello world');
    expect(dialogue.requests[1]).toMatchObject({
      input: [
        { item: { $case: 'message' } },
        { item: { functionCall: { callId: 'call_0', name: 'weather', arguments: '{"city":"Rome"}' } } },
        { item: { functionCall: { callId: 'call_1' } } },
        { item: { functionOutput: { callId: 'call_0', output: 'sunny' } } },
      ],
      tools: {
        functions: [{ name: 'weather', description: 'The weather.', parameters: JSON.stringify(parameters) }],
        choice: 3,
        chosen: 'weather',
        singleCall: true,
      },
    });
  });

  it('are streamed as the official client expects', async () => {
    const stream = client.chat.completions.stream({ model: 'default', messages, tools: [...chatTools] });
    const pieces: string[] = [];
    stream.on('chunk', (chunk) => {
      for (const call of chunk.choices[0]?.delta.tool_calls ?? [])
        pieces.push([call.index, call.id, call.function?.name, call.function?.arguments].join('|'));
    });
    const message = await stream.finalMessage();
    expect(message.tool_calls).toMatchObject([
      { id: 'call_0', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
      { id: 'call_1', function: { name: 'time', arguments: '{}' } },
    ]);
    expect(pieces).toEqual(['0|call_0|weather|', '0|||{"city":', '0|||"Rome"}', '1|call_1|time|', '1|||{}']);
    expect((await stream.finalChatCompletion()).choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('are items of a response, streamed and kept', async () => {
    const stream = client.responses.stream({
      model: 'default',
      input: 'How is Rome?',
      tools: [...responseTools],
    });
    const types: string[] = [];
    let written = '';
    for await (const event of stream) {
      types.push(event.type);
      if (event.type === 'response.function_call_arguments.delta') written += event.delta;
    }
    const call = [
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
    ];
    expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
      'response.created',
      'response.in_progress',
      ...call,
      ...call,
      'response.completed',
    ]);
    expect(written).toBe('{"city":"Rome"}{}');
    const response = await stream.finalResponse();
    expect(response.output).toMatchObject([
      {
        type: 'function_call',
        call_id: 'call_0',
        name: 'weather',
        arguments: '{"city":"Rome"}',
        status: 'completed',
      },
      { type: 'function_call', call_id: 'call_1', name: 'time', arguments: '{}' },
    ]);
    const kept = await client.responses.retrieve(response.id);
    expect(kept.output.map(({ id }) => id)).toEqual(response.output.map(({ id }) => id));
    expect(kept).toMatchObject({ tools: responseTools, tool_choice: 'auto', parallel_tool_calls: true });
    dialogue.calls = [];
    const next = await client.responses.create({
      model: 'default',
      previous_response_id: response.id,
      input: [{ type: 'function_call_output', call_id: 'call_0', output: 'sunny' }],
    });
    expect(next.output_text).toBe('Hello world');
    const { data } = await client.responses.inputItems.list(next.id);
    expect(data).toMatchObject([{ type: 'function_call_output', call_id: 'call_0', output: 'sunny' }]);
  });

  it('are the same over a WebSocket and over gRPC', async () => {
    await using socket = await WsClient.open(gateway);
    socket.send({ type: 'response.create', model: 'default', input: 'Hi', tools: responseTools });
    const done = await socket.until('response.completed');
    expect(done).toMatchObject({
      response: { output: [{ type: 'function_call', name: 'weather' }, { name: 'time' }] },
    });
    const grpc = assistantClient(gateway);
    const functions = [{ name: 'weather', description: '', parameters: JSON.stringify(parameters) }];
    const asked = chatRequest('Hi', { functions, toolChoice: api.ToolChoice.TOOL_CHOICE_REQUIRED });
    const { events, error } = await readAll(grpc.chat(asked, withKey));
    expect(error).toBeUndefined();
    expect(events.map(({ event }) => event?.$case)).toEqual(
      'created started itemAdded argumentsDelta argumentsDelta argumentsDone itemDone itemAdded argumentsDelta argumentsDone itemDone finished'.split(
        ' ',
      ),
    );
    const last = events.at(-1)?.event;
    expect(last).toMatchObject({
      finished: {
        finishReason: api.FinishReason.FINISH_REASON_TOOL_CALLS,
        functionCalls: [
          { callId: 'call_0', name: 'weather', arguments: '{"city":"Rome"}' },
          { callId: 'call_1' },
        ],
      },
    });
    dialogue.calls = [];
    const role = api.Role.ROLE_TOOL;
    const result = { role, texts: ['sunny'], name: '', functionCalls: [], callId: 'call_0' };
    const call = {
      id: '',
      callId: 'call_0',
      name: 'weather',
      arguments: '{}',
      status: api.ItemStatus.ITEM_STATUS_COMPLETED,
    };
    const said = { role: api.Role.ROLE_ASSISTANT, texts: [], name: '', functionCalls: [call], callId: '' };
    await readAll(grpc.chat(chatRequest('', { input: [said, result] }), withKey));
    expect(dialogue.requests.at(-1)?.input).toMatchObject([
      { item: { functionCall: { callId: 'call_0' } } },
      { item: { functionOutput: { callId: 'call_0', output: 'sunny' } } },
    ]);
    grpc.close();
  });

  it.each([
    [{ tools: [{ type: 'web_search' }] }, 'tools[0].type', 'unsupported'],
    [
      { tools: [{ type: 'function', function: { name: 'no spaces' } }] },
      'tools[0].function.name',
      'invalid_request',
    ],
    [{ tool_choice: 'required' }, 'tool_choice', 'invalid_request'],
    [{ functions: [{ name: 'f' }] }, 'functions', 'unsupported'],
  ])('are refused with the field at fault: %j', async (change, param, code) => {
    const body = { model: 'default', messages, ...change } as OpenAI.ChatCompletionCreateParamsNonStreaming;
    await expect(client.chat.completions.create(body)).rejects.toMatchObject({ status: 400, param, code });
    expect(dialogue.requests).toHaveLength(0);
  });
});
