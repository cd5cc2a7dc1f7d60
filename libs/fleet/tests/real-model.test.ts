import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFleet, configs, noRealModel, onRealModel } from './support/test-fleet.ts';

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
});
