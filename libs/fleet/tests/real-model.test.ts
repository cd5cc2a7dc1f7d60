import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFleet, configs, eventually, noRealModel, onRealModel } from './support/test-fleet.ts';

/** A conversation on SmolLM2-135M-Instruct through all five services. */
describe.skipIf(noRealModel !== undefined)(onRealModel('SmolLM2'), () => {
  let fleet: TestFleet;
  beforeAll(async () => {
    fleet = await TestFleet.start({ configDir: configs.smollm2 });
  });
  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  const instructions = 'You are a helpful assistant.';
  const sampling = { temperature: 0 };

  it('knows the capital of France', async () => {
    const answer = await fleet.openai.chat.completions.create({
      model: 'default',
      ...sampling,
      max_tokens: 40,
      messages: [
        { role: 'system', content: instructions },
        { role: 'user', content: 'What is the capital of France?' },
      ],
    });
    expect(answer.choices[0]?.message.content).toContain('Paris');
  });

  it('answers in the form of a JSON schema', async () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer' } },
      required: ['name', 'age'],
      additionalProperties: false,
    };
    const answer = await fleet.openai.chat.completions.create({
      model: 'default',
      ...sampling,
      max_tokens: 60,
      messages: [{ role: 'user', content: 'Extract as JSON: Lena is 31 years old.' }],
      response_format: { type: 'json_schema', json_schema: { name: 'person', schema, strict: true } },
    });
    const person = JSON.parse(answer.choices[0]?.message.content ?? '') as { name: string; age: number };
    expect(Object.keys(person).toSorted()).toEqual(['age', 'name']);
    expect(person.name).toContain('Lena');
    expect(person.age).toBe(31);
  });

  it('remembers a name told a turn earlier', async () => {
    const told = await fleet.openai.responses.create({
      model: 'default',
      instructions,
      input: 'My name is Mara. I like sailing.',
      temperature: 0,
      max_output_tokens: 40,
    });
    const asked = await fleet.openai.responses.create({
      model: 'default',
      instructions,
      input: 'What was my name again? Answer with the name only.',
      previous_response_id: told.id,
      temperature: 0,
      max_output_tokens: 40,
    });
    expect(asked.output_text).toContain('Mara');
  });

  const parameters = {
    type: 'object',
    properties: { city: { type: 'string', enum: ['Rome', 'Paris'] }, days: { type: 'integer', minimum: 1 } },
    required: ['city', 'days'],
  };
  const weather = { name: 'get_weather', description: 'The weather in a city for some days.', parameters };

  it('asks for a function by Chat Completions, and reads its result', async () => {
    const asked: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'user', content: 'How is the weather in Rome for the next two days?' },
    ];
    const stream = fleet.openai.chat.completions.stream({
      model: 'default',
      ...sampling,
      max_tokens: 60,
      messages: asked,
      tools: [{ type: 'function', function: weather }],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
    });
    const { choices } = await stream.finalChatCompletion();
    const [choice] = choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    const [call] = choice?.message.tool_calls ?? [];
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather' } });
    const given = JSON.parse(call?.type === 'function' ? call.function.arguments : '') as object;
    expect(given).toEqual({ city: expect.stringMatching(/^(Rome|Paris)$/), days: expect.any(Number) });
    const said: OpenAI.ChatCompletionMessageParam[] = choice === undefined ? [] : [choice.message];
    const answer = await fleet.openai.chat.completions.create({
      model: 'default',
      ...sampling,
      max_tokens: 40,
      messages: [
        ...asked,
        ...said,
        { role: 'tool', tool_call_id: call?.id ?? '', content: 'Sunny on both days, 24 degrees.' },
      ],
    });
    expect(answer.choices[0]?.message.content).toMatch(/sunny|24/i);
  });

  it('asks for a function by the Responses API, which keeps it and records it', async () => {
    const tools: OpenAI.Responses.Tool[] = [{ type: 'function', strict: false, ...weather }];
    const response = await fleet.openai.responses.create({
      model: 'default',
      input: 'How is the weather in Paris for one day?',
      tools,
      tool_choice: 'required',
      temperature: 0,
      max_output_tokens: 60,
    });
    const [call] = response.output;
    expect(call).toMatchObject({ type: 'function_call', name: 'get_weather', status: 'completed' });
    const callId = call?.type === 'function_call' ? call.call_id : '';
    const next = await fleet.openai.responses.create({
      model: 'default',
      previous_response_id: response.id,
      input: [{ type: 'function_call_output', call_id: callId, output: 'Rainy, 12 degrees.' }],
      temperature: 0,
      max_output_tokens: 40,
    });
    expect(next.output_text).not.toBe('');
    const event = await eventually(
      'the turn is recorded',
      10_000,
      async () => (await fleet.terminalEvents(response.id))[0],
    );
    expect(event.data.output?.[0]).toMatchObject({ functionCall: { id: callId, name: 'get_weather' } });
  });

  it('takes no result of a call that nobody made', async () => {
    const stray = fleet.openai.chat.completions.create({
      model: 'default',
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'tool', tool_call_id: 'call_x', content: '5' },
      ],
    });
    await expect(stray).rejects.toMatchObject({ status: 400, code: 'invalid_request' });
  });
});
