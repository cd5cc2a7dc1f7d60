import { ParleyError } from '@parley/kernel';
import OpenAI, { AuthenticationError, NotFoundError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiKey, BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer, flushed } from './support/dialogue-peer.ts';
import { modelPeer } from './support/other-peers.ts';

describe('the official openai client', () => {
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

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    dialogue.peer.kill();
    models.kill();
  });

  const messages = [{ role: 'user', content: 'Hi' }] as const;

  it('gets a whole chat completion', async () => {
    const completion = await client.chat.completions.create({ model: 'default', messages: [...messages] });
    expect(completion.choices[0]?.message.content).toBe('Hello world');
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    expect(completion.model).toBe('parley-tiny');
    expect(completion.usage?.total_tokens).toBe(14);
  });

  it('streams a chat completion, with usage', async () => {
    const stream = await client.chat.completions.create({
      model: 'default',
      messages: [...messages],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let tokens: number | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      tokens = chunk.usage?.total_tokens ?? tokens;
    }
    expect(text).toBe('Hello world');
    expect(tokens).toBe(14);
  });

  it('accumulates a chat stream with its own helper', async () => {
    const stream = client.chat.completions.stream({ model: 'default', messages: [...messages] });
    expect(await stream.finalContent()).toBe('Hello world');
  });

  it('creates, retrieves, lists the input of and deletes a response', async () => {
    const created = await client.responses.create({
      model: 'default',
      input: 'Hi',
      instructions: 'Be kind.',
      metadata: { a: 'b' },
    });
    expect(created.output_text).toBe('Hello world');
    expect(created).toMatchObject({ status: 'completed', instructions: 'Be kind.', metadata: { a: 'b' } });
    const retrieved = await client.responses.retrieve(created.id);
    expect(retrieved.output_text).toBe('Hello world');
    const items = await client.responses.inputItems.list(created.id);
    expect(items.data).toMatchObject([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
    ]);
    await client.responses.delete(created.id);
    await expect(client.responses.retrieve(created.id)).rejects.toBeInstanceOf(NotFoundError);
  });

  it('follows a response with previous_response_id', async () => {
    const first = await client.responses.create({ model: 'default', input: 'Hi' });
    const second = await client.responses.create({
      model: 'default',
      input: 'And?',
      previous_response_id: first.id,
    });
    expect(second.previous_response_id).toBe(first.id);
    expect(dialogue.requests.at(-1)?.previousTurnId).toBe(first.id);
  });

  it('streams a response with typed events, and accumulates it with its own helper', async () => {
    const types: string[] = [];
    for await (const event of await client.responses.create({ model: 'default', input: 'Hi', stream: true }))
      types.push(event.type);
    expect(types[0]).toBe('response.created');
    expect(types.at(-1)).toBe('response.completed');
    const final = await client.responses.stream({ model: 'default', input: 'Hi' }).finalResponse();
    expect(final.output_text).toBe('Hello world');
  });

  it('re-attaches to a response after a number', async () => {
    const { id } = await client.responses.create({ model: 'default', input: 'Hi', stream: false });
    const all: number[] = [];
    for await (const event of await client.responses.retrieve(id, { stream: true }))
      all.push(event.sequence_number);
    const rest: number[] = [];
    for await (const event of await client.responses.retrieve(id, { stream: true, starting_after: 3 }))
      rest.push(event.sequence_number);
    expect(all).toEqual(all.map((_, index) => index));
    expect(rest).toEqual(all.slice(4));
  });

  it('cancels a response and sees its stream end', async () => {
    dialogue.answer = async function* (_request, turn) {
      yield 'One';
      await new Promise((resolve) => turn.cancelled.addEventListener('abort', resolve));
      yield '.';
    };
    const stream = await client.responses.create({ model: 'default', input: 'Hi', stream: true });
    let last: { type: string; status?: string | undefined } | undefined;
    for await (const event of stream) {
      last = { type: event.type, status: 'response' in event ? event.response.status : undefined };
      if (event.type === 'response.output_text.delta' && event.delta === 'One') {
        const [id] = [...dialogue.turns.keys()].slice(-1);
        await client.responses.cancel(id ?? '');
      }
    }
    expect(last).toEqual({ type: 'response.incomplete', status: 'cancelled' });
    dialogue.answer = async function* () {
      yield* ['Hel', 'lo', ' world'];
    };
  });

  it('lists models and aliases, and describes one', async () => {
    const page = await client.models.list();
    expect(page.data.map(({ id }) => id)).toEqual(['parley-tiny', 'smollm2', 'default', 'fast']);
    expect(await client.models.retrieve('default')).toMatchObject({
      object: 'model',
      owned_by: 'parley',
      name: 'parley-tiny',
    });
  });

  it('throws its typed errors with code, field and request id', async () => {
    const failed = client.chat.completions.create({
      model: 'default',
      messages: [{ role: 'user', content: 'Hi' }],
      temperature: 3,
    });
    await expect(failed).rejects.toMatchObject({
      status: 400,
      code: 'invalid_request',
      param: 'temperature',
      requestID: expect.stringMatching(/^req_/) as string,
    });
    const unknown = client.models.retrieve('nobody');
    await expect(unknown).rejects.toThrow(/There are: parley-tiny, smollm2, default, fast/);
    const stranger = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(AuthenticationError);
  });

  it('throws when a stream breaks off', async () => {
    dialogue.answer = async function* () {
      yield 'One';
      await flushed();
      throw new ParleyError('engine_failed', 'The engine died.');
    };
    const stream = await client.chat.completions.create({
      model: 'default',
      messages: [...messages],
      stream: true,
    });
    const read = async (): Promise<void> => {
      for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk');
    };
    await expect(read()).rejects.toMatchObject({ code: 'engine_failed' });
    dialogue.answer = async function* () {
      yield* ['Hel', 'lo', ' world'];
    };
  });
});
