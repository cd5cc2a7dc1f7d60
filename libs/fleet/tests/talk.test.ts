import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigCopy } from './support/config-copy.ts';
import { collect, joinedText } from './support/sse.ts';
import { TestFleet } from './support/test-fleet.ts';

/** The public API on the bundled model, by curl and by the official client. */
const config = new ConfigCopy();
let fleet: TestFleet;

/** Long enough that the users of an assistant share what the model has read of it. */
const guideWords =
  'You are the guide of a museum by the sea. You answer in short and friendly sentences, you know every room and every ' +
  'picture, and you tell visitors where the stairs, the garden and the coffee are. If you do not know something, you say so.';

beforeAll(async () => {
  config.write(
    'assistants/guide.yaml',
    `apiVersion: parley/v1
kind: Assistant
metadata: { name: guide, version: 1.0.0 }
spec:
  model: default
  instructions: ${JSON.stringify({ en: guideWords })}
`,
  );
  fleet = await TestFleet.start({ configDir: config.dir });
});
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
  config[Symbol.dispose]();
});

const messages = [{ role: 'user' as const, content: 'hi' }];

describe('chat completions', () => {
  it('answer curl', () => {
    const { url, apiKey } = fleet.fleet;
    const headers = ['-H', `Authorization: Bearer ${apiKey}`, '-H', 'Content-Type: application/json'];
    const body = JSON.stringify({ model: 'default', messages });
    const args = ['-sS', `${url}/v1/chat/completions`, ...headers, '-d', body];
    const result = spawnSync('curl', args, { encoding: 'utf8' });
    const answer = JSON.parse(result.stdout) as {
      object: string;
      choices: { message: { content: string } }[];
    };
    expect(answer.object).toBe('chat.completion');
    expect(answer.choices[0]?.message.content).not.toBe('');
  });

  it('answer the official client with usage, the model by its name and its fingerprint', async () => {
    const answer = await fleet.openai.chat.completions.create({ model: 'default', messages });
    expect(answer.choices[0]?.message.content).toMatch(/\w/);
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.model).toBe('parley-tiny');
    expect(answer.system_fingerprint).toMatch(/^[0-9a-f]{12}$/);
    const { prompt_tokens = 0, completion_tokens = 0, total_tokens } = answer.usage ?? {};
    expect(prompt_tokens).toBeGreaterThan(0);
    expect(completion_tokens).toBeGreaterThan(0);
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
  });

  it('stream the same text that they give at once', async () => {
    const request = { model: 'default', messages, temperature: 0 };
    const whole = await fleet.openai.chat.completions.create(request);
    const stream = await fleet.openai.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage: { completion_tokens: number } | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(usage?.completion_tokens).toBe(whole.usage?.completion_tokens);
  });

  it('end with finish_reason length at the token limit', async () => {
    const answer = await fleet.openai.chat.completions.create({ model: 'default', messages, max_tokens: 2 });
    expect(answer.choices[0]?.finish_reason).toBe('length');
    expect(answer.usage?.completion_tokens).toBe(2);
  });

  it('hold a conversation of several turns', async () => {
    const answer = await fleet.openai.chat.completions.create({
      model: 'default',
      messages: [
        { role: 'user', content: 'My name is Mara.' },
        { role: 'assistant', content: 'Nice to meet you, Mara!' },
        { role: 'user', content: 'What is my name?' },
      ],
    });
    expect(answer.choices[0]?.message.content).toContain('Mara');
  });
});

describe('responses', () => {
  it('are created, retrieved and followed by previous_response_id', async () => {
    const first = await fleet.openai.responses.create({ model: 'default', input: 'My name is Mara.' });
    expect(first.status).toBe('completed');
    const again = await fleet.openai.responses.retrieve(first.id);
    expect(again.output_text).toBe(first.output_text);
    const second = await fleet.openai.responses.create({
      model: 'default',
      input: 'What is my name?',
      previous_response_id: first.id,
    });
    expect(second.output_text).toContain('Mara');
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? Number.NaN);
  });

  it('stream in the order of the OpenAI types, numbered from 0 without a gap', async () => {
    const stream = await fleet.openai.responses.create({ model: 'default', input: 'hi', stream: true });
    const events = [];
    for await (const event of stream) events.push(event);
    const types = events.map((event) => event.type).filter((type, i, all) => type !== all[i - 1]);
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, i) => i));
  });

  it('re-attach to one that has just ended, after any number', async () => {
    const created = await fleet.openai.responses.create({ model: 'default', input: 'hi' });
    const whole = await collect(await fleet.fetch(`/v1/responses/${created.id}?stream=true`));
    expect(joinedText(whole)).toBe(created.output_text);
    const tail = await collect(await fleet.fetch(`/v1/responses/${created.id}?stream=true&starting_after=2`));
    expect(tail).toEqual(whole.slice(3));
  });

  it('can be cancelled when they have ended, and stay as they are', async () => {
    const created = await fleet.openai.responses.create({ model: 'default', input: 'hi' });
    const cancelled = await fleet.openai.responses.cancel(created.id);
    expect(cancelled.status).toBe('completed');
  });

  it('are deleted', async () => {
    const created = await fleet.openai.responses.create({ model: 'default', input: 'hi' });
    await fleet.openai.responses.delete(created.id);
    expect((await fleet.fetch(`/v1/responses/${created.id}`)).status).toBe(404);
  });

  it('that were not stored cannot be retrieved', async () => {
    const created = await fleet.openai.responses.create({ model: 'default', input: 'hi', store: false });
    expect(created.output_text).not.toBe('');
    expect((await fleet.fetch(`/v1/responses/${created.id}`)).status).toBe(404);
  });
});

describe('what the model has read', () => {
  const story =
    'My name is Mara. I live in Lisbon with two cats, a dog and a very old bicycle. In the evening I like to read books ' +
    'about the sea, and on Sundays I bake bread for all my friends. Please remember this well.';
  const question = 'What is my name?';

  interface Reading {
    readonly text: string;
    readonly prompt: number;
    readonly cached: number;
  }

  /** What `user` gets for the story; and with an `answer` to it for the question after it, all sent again. */
  async function chat(user: string, answer?: string): Promise<Reading> {
    const told = { role: 'user' as const, content: story };
    const { choices, usage } = await fleet.openai.chat.completions.create({
      model: 'default',
      user,
      max_tokens: 24,
      messages:
        answer === undefined
          ? [told]
          : [told, { role: 'assistant', content: answer }, { role: 'user', content: question }],
    });
    return {
      text: choices[0]?.message.content ?? '',
      prompt: usage?.prompt_tokens ?? Number.NaN,
      cached: usage?.prompt_tokens_details?.cached_tokens ?? Number.NaN,
    };
  }

  async function response(
    user: string,
    input: string,
    more: { model?: string; instructions?: string; previous_response_id?: string } = {},
  ): Promise<Reading & { readonly id: string }> {
    const request = { model: 'default', user, input, max_output_tokens: 24, ...more };
    const { id, output_text: text, usage } = await fleet.openai.responses.create(request);
    const cached = usage?.input_tokens_details.cached_tokens ?? Number.NaN;
    return { id, text, prompt: usage?.input_tokens ?? Number.NaN, cached };
  }

  it('of a chat is not read again when the chat goes on, and read anew for another user', async () => {
    const first = await chat('mara');
    const second = await chat('mara', first.text);
    expect(first.cached).toBe(0);
    expect(second.cached).toBeGreaterThan(first.prompt);
    expect(second.cached).toBeLessThan(second.prompt);
    expect((await chat('paul', first.text)).cached).toBe(0);
  });

  it('of a response is not read again in the one that follows it, and read anew for another user', async () => {
    const first = await response('nora', story);
    const second = await response('nora', question, { previous_response_id: first.id });
    expect(first.cached).toBe(0);
    expect(second.cached).toBeGreaterThan(first.prompt);
    const other = await response('olaf', story);
    expect([other.prompt, other.cached]).toEqual([first.prompt, 0]);
  });

  it('of an assistant’s own words serves all its users, what they say only themselves', async () => {
    const model = 'assistant:guide';
    const first = await response('ines', story, { model });
    const other = await response('jens', story, { model });
    const brief = await response('kofi', 'Hi', { model });
    expect([first.cached, other.prompt]).toEqual([0, first.prompt]);
    for (const { cached } of [other, brief]) {
      expect(cached).toBeGreaterThanOrEqual(64);
      expect(cached).toBeLessThan(brief.prompt);
    }
    expect(other.cached).toBe(brief.cached);
    const again = await response('ines', question, { model, previous_response_id: first.id });
    expect(again.cached).toBeGreaterThan(first.prompt);
    expect((await response('lola', story, { instructions: guideWords })).cached).toBe(0);
  });
});

describe('models', () => {
  it('are listed with their names', async () => {
    const models = await fleet.openai.models.list();
    expect(models.data.map((model) => model.id)).toContain('parley-tiny');
  });
});
