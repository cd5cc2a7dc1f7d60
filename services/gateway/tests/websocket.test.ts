import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiKey, BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';
import { Faucet } from './support/faucet.ts';
import { WsClient, wsText } from './support/ws-client.ts';

let dialogue: DialoguePeer;
let gateway: BootedGateway;
let faucet: Faucet;

async function boot(variables: Record<string, string> = {}): Promise<void> {
  gateway = await BootedGateway.start({ PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address, ...variables });
}

beforeEach(async () => {
  dialogue = new DialoguePeer();
  faucet = new Faucet();
  await dialogue.peer.listen();
});

afterEach(async () => {
  dialogue.peer.kill();
  await gateway[Symbol.asyncDispose]();
});

describe('the official WebSocket client', () => {
  function client(key = apiKey): ResponsesWS {
    return new ResponsesWS(new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 }));
  }

  it('holds a conversation of two turns over one connection', async () => {
    await boot();
    const socket = client();
    const types: string[] = [];
    let text = '';
    let first: string | undefined;
    socket.on('error', (error) => expect.fail(String(error)));
    socket.send({ type: 'response.create', model: 'default', input: 'Hi' });
    for await (const event of socket) {
      if (event.type !== 'message') continue;
      const { message } = event;
      types.push(message.type);
      if (message.type === 'response.output_text.delta') text += message.delta;
      if (message.type !== 'response.completed') continue;
      if (first !== undefined) break;
      first = message.response.id;
      socket.send({ type: 'response.create', model: 'default', input: 'And?', previous_response_id: first });
    }
    socket.close();
    expect(text).toBe('Hello worldHello world');
    expect(types.slice(0, types.length / 2)).toEqual(types.slice(types.length / 2));
    expect(types[0]).toBe('response.created');
    expect(dialogue.requests.map(({ previousTurnId, deltas }) => [previousTurnId, deltas])).toEqual([
      ['', true],
      [first, true],
    ]);
  });

  it('reads an error as an error', async () => {
    await boot();
    const socket = client();
    const error = await new Promise<{ message: string; error?: object | undefined }>((resolve) => {
      socket.on('error', resolve);
      socket.send({ type: 'response.create', model: 'default', input: [] });
    });
    socket.close();
    expect(error.message).toContain('`input`');
    expect(error.error).toMatchObject({ type: 'error', status: 400, error: { code: 'invalid_request' } });
  });

  it('is told at the upgrade that its key is wrong', async () => {
    await boot();
    const error = await new Promise<Error>((resolve) => {
      client('wrong').on('error', resolve);
    });
    expect(error.message).toContain('401');
  });
});

describe('an upgrade', () => {
  function offer(...protocols: string[]): Promise<WebSocket> {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, protocols);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(socket));
      socket.once('error', reject);
    });
  }

  it('may carry the key as a subprotocol, as browsers must', async () => {
    await boot();
    const bare = await offer(`openai-insecure-api-key.${apiKey}`);
    const beside = await offer('realtime', `openai-insecure-api-key.${apiKey}`);
    expect(bare.protocol).toBe(`openai-insecure-api-key.${apiKey}`);
    expect(beside.protocol).toBe('realtime');
    bare.terminate();
    beside.terminate();
    await expect(offer('openai-insecure-api-key.wrong')).rejects.toThrow('401');
    await expect(offer()).rejects.toThrow('401');
  });

  it('to something else is answered as a plain request', async () => {
    await boot();
    const response = await gateway.fetch('/v1/responses', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'Hi' }),
    });
    expect(response.status).toBe(200);
    const h2c = await rawRequest(
      'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n',
    );
    expect(h2c).toMatch(/^HTTP\/1\.1 200/);
  });

  it('without a key is refused with problem+json and the request’s id', async () => {
    await boot();
    const answer = await rawRequest(
      'GET /v1/responses HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nx-request-id: req-7\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 Not authenticated/);
    expect(answer).toContain('x-request-id: req-7');
    expect(answer).toContain('www-authenticate: Bearer');
    expect(answer).toContain('"code":"unauthenticated"');
  });

  it('that is no valid one is refused and harms nobody', async () => {
    await boot();
    const answer = await rawRequest(
      `GET /v1/responses HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${apiKey}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: short\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect(answer).toContain('"code":"invalid_request"');
    await using _client = await WsClient.open(gateway);
  });

  async function rawRequest(text: string): Promise<string> {
    const { connect } = await import('node:net');
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(text);
    let answer = '';
    for await (const piece of socket) {
      answer += String(piece);
      if (/\r\n\r\n.+/s.test(answer)) break;
    }
    return answer;
  }
});

describe('turns over one connection', () => {
  it('run at once, each event under its response’s id and the log’s number', async () => {
    dialogue.answer = faucet.answer;
    await boot();
    await using client = await WsClient.open(gateway);
    client.send({ type: 'response.create', model: 'default', input: 'One', event_id: 'e1' });
    client.send({ type: 'response.create', model: 'default', input: 'Two', event_id: 'e2', stream_id: 's2' });
    const created = [await client.until('response.created'), await client.until('response.created')];
    expect(new Set(created.map(({ event_id }) => event_id))).toEqual(new Set(['e1', 'e2']));
    // The faucet's texts go to whichever turn is the first to ask; both are at work before either has ended.
    for (const text of ['a', 'b', 'c', 'd', undefined, undefined]) faucet.say(text);
    await client.until('response.completed');
    await client.until('response.completed');
    for (const { response_id: id } of created) {
      const events = client.of(id);
      expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
      expect(events.at(-1)?.type).toBe('response.completed');
    }
    expect(client.events).toHaveLength(created.flatMap(({ response_id }) => client.of(response_id)).length);
    expect(client.events.filter(({ stream_id }) => stream_id === 's2')).toEqual(
      client.of(created.find(({ stream_id }) => stream_id === 's2')?.response_id),
    );
  });

  it('of one stream_id run one after another', async () => {
    dialogue.answer = faucet.answer;
    await boot();
    await using client = await WsClient.open(gateway);
    for (const input of ['One', 'Two'])
      client.send({ type: 'response.create', model: 'default', input, stream_id: 's' });
    await client.until('response.created');
    client.send({ type: 'ping' });
    await client.until('pong');
    expect(dialogue.requests).toHaveLength(1);
    faucet.say('a');
    faucet.say(undefined);
    await client.until('response.completed');
    await client.until('response.created');
    expect(dialogue.requests).toHaveLength(2);
    faucet.say(undefined);
  });

  it('are cancelled by id, and the client is told how they are then', async () => {
    dialogue.answer = faucet.answer;
    await boot();
    await using client = await WsClient.open(gateway);
    client.send({ type: 'response.create', model: 'default', input: 'Hi' });
    const { response_id: id } = await client.until('response.created');
    faucet.say('One');
    await client.until('response.output_text.delta');
    client.send({ type: 'response.cancel', response_id: id, event_id: 'stop' });
    const ended = await client.until('response.incomplete');
    expect(ended.response?.status).toBe('cancelled');
    await expect
      .poll(() => client.events.find(({ type }) => type === 'response.cancelled'))
      .toMatchObject({
        response_id: id,
        event_id: 'stop',
        response: { id },
      });
  });

  it('are attached to from another connection after any number, while they run and after', async () => {
    dialogue.answer = faucet.answer;
    await boot();
    await using first = await WsClient.open(gateway);
    first.send({ type: 'response.create', model: 'default', input: 'Hi' });
    const { response_id: id } = await first.until('response.created');
    faucet.say('One');
    await first.until('response.output_text.delta');
    await first.close();
    await using second = await WsClient.open(gateway);
    second.send({ type: 'response.attach', response_id: id });
    second.send({ type: 'response.attach', response_id: id, starting_after: 3, stream_id: 'tail' });
    await expect.poll(() => wsText(second.events)).toBe('OneOne');
    faucet.say(' two');
    faucet.say(undefined);
    await second.until('response.completed');
    await second.until('response.completed');
    const tail = second.events.filter(({ stream_id }) => stream_id === 'tail');
    expect(tail[0]?.sequence_number).toBe(4);
    expect(wsText(tail)).toBe('One two');
    expect(second.of(id)).toHaveLength(second.events.length);
    second.send({ type: 'response.attach', response_id: id, starting_after: 99 });
    expect(await second.next()).toEqual({ type: 'response.detached', response_id: id });
  });

  it('that are not stored end when their connection does, stored ones go on', async () => {
    dialogue.answer = faucet.answer;
    await boot();
    await using client = await WsClient.open(gateway);
    for (const store of [false, true])
      client.send({ type: 'response.create', model: 'default', input: 'Hi', store });
    await client.until('response.created');
    await client.until('response.created');
    await client.close();
    // Dialogue is left by both readers, and decides what becomes of the turns: the stored one is still there.
    await expect.poll(() => dialogue.detached).toBe(2);
    const [id = ''] = [...dialogue.turns.keys()];
    expect(await (await gateway.fetch(`/v1/responses/${id}`)).json()).toMatchObject({
      status: 'in_progress',
    });
  });

  it('answer in the language of the upgrade, within the trace of the upgrade', async () => {
    await boot();
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
      headers: {
        authorization: `Bearer ${apiKey}`,
        'accept-language': 'zh-CN',
        traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      },
    });
    socket.on('open', () => socket.send('{"type":"response.create","model":"default","input":"Hi"}'));
    await expect.poll(() => dialogue.requests[0]?.languages).toBe('zh-CN');
    expect(dialogue.metadata[0]?.['traceparent']).toContain('a'.repeat(32));
    socket.terminate();
  });
});
