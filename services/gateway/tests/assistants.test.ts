import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiKey, BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';

describe('an assistant', () => {
  const dialogue = new DialoguePeer();
  let gateway: BootedGateway;
  let client: OpenAI;

  beforeAll(async () => {
    await dialogue.peer.listen();
    gateway = await BootedGateway.start({ PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address });
    client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 });
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    dialogue.peer.kill();
  });

  it('is listed by the id that requests give', async () => {
    const response = await gateway.fetch('/v1/assistants');
    const list = (await response.json()) as { data: { id: string }[] };
    expect(list).toMatchObject({ object: 'list' });
    expect(list.data.map(({ id }) => id)).toEqual(['assistant:helper', 'assistant:order']);
    expect(list.data[0]).toEqual({
      id: 'assistant:helper',
      object: 'assistant',
      name: 'helper',
      version: '1.2.0',
      title: { en: 'Helper', 'zh-CN': '助手' },
      description: { en: 'Helps.' },
      model: 'default',
      strategies: ['keep-facts'],
    });
  });

  it('answers a response, which names it beside the model', async () => {
    const model = 'assistant:helper';
    const response = await client.responses.create({ model, input: 'Hi', metadata: { shop: 'north' } });
    expect(dialogue.requests.at(-1)).toMatchObject({ model });
    expect(response).toMatchObject({
      model: 'parley-tiny',
      assistant: { name: 'helper', version: '1.2.0' },
      metadata: { shop: 'north' },
    });
    expect(await client.responses.retrieve(response.id)).toMatchObject({ assistant: { name: 'helper' } });
  });

  it('answers a chat, which names the model', async () => {
    const model = 'assistant:helper';
    const chat = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi' }] });
    expect(dialogue.requests.at(-1)).toMatchObject({ model });
    expect(chat.model).toBe('parley-tiny');
  });

  it('is null in the response of a model', async () => {
    expect(await client.responses.create({ model: 'default', input: 'Hi' })).toMatchObject({
      assistant: null,
    });
  });

  it.each([
    ['zh-CN, en;q=0.8', 'zh-CN, en;q=0.8'],
    ['*', ''],
    ['x'.repeat(1000), ''],
  ])('hears which languages its reader reads: %.20s', async (header, languages) => {
    const chat = { model: 'assistant:helper', messages: [{ role: 'user', content: 'Hi' }] };
    await gateway.post('/v1/chat/completions', chat, { 'accept-language': header });
    expect(dialogue.requests.at(-1)).toMatchObject({ languages });
    await gateway.post('/v1/responses', { input: 'Hi' }, { 'accept-language': header });
    expect(dialogue.requests.at(-1)).toMatchObject({ languages });
  });
});
