import { ParleyError, sleep } from '@parley/kernel';
import type { dialogue as contract } from '@parley/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import {
  assistantClient,
  chatRequest,
  detailOf,
  readAll,
  textOf,
  withKey,
} from './support/assistant-client.ts';
import { apiKey, BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';
import { allEvents, deltaText } from './support/sse-client.ts';
import { WsClient, wsText } from './support/ws-client.ts';

const wait = { stage: 'small: loading weights 40 %', estimateMs: 2600 };
const create = { type: 'response.create', model: 'default', input: 'Hi' } as const;
const away = new ParleyError('model_not_ready', 'It did not come.', { retryAfterMs: 700 });
/** Timers that a wait of 900 ms outlasts, whichever protocol they belong to. */
const shortTimers = {
  PARLEY_SLOW_READER_TIMEOUT_MS: '100',
  PARLEY_WS_HEARTBEAT_MS: '300',
  PARLEY_WS_IDLE_TIMEOUT_MS: '100',
};

let dialogue: DialoguePeer;
let gateway: BootedGateway;

async function boot(variables: Record<string, string> = {}): Promise<void> {
  gateway = await BootedGateway.start({ PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address, ...variables });
}

/** Tells of the wait so often. */
async function* waits(times: number, everyMs = 20): AsyncGenerator<contract.StartWaiting> {
  for (let told = 0; told < times; told++) {
    yield wait;
    await sleep(everyMs);
  }
}

beforeEach(async () => {
  dialogue = new DialoguePeer();
  dialogue.waits = () => waits(3);
  await dialogue.peer.listen();
});

afterEach(async () => {
  dialogue.peer.kill();
  await gateway[Symbol.asyncDispose]();
});

describe('a client that waits for its model', () => {
  it('is told in comments by an event stream, before its first event', async () => {
    await boot({ PARLEY_STREAM_HEADERS_HELD_MS: '0' });
    const text = await (await gateway.post('/v1/responses', { input: 'Hi', stream: true })).text();
    const comment = ': waiting: small: loading weights 40 %; about 3 s\n\n';
    expect(text.startsWith(`${comment.repeat(3)}event: response.created\nid: 0\n`)).toBe(true);
  });

  it('gets a refusal by its HTTP status while the stream has not begun', async () => {
    dialogue.refuse = () => away;
    await boot();
    const response = await gateway.post('/v1/responses', { input: 'Hi', stream: true });
    expect([response.status, response.headers.get('retry-after-ms')]).toEqual([503, '700']);
  });

  it('is told in events of a WebSocket that have no number, before the first that has', async () => {
    await boot();
    await using client = await WsClient.open(gateway);
    client.send({ ...create, event_id: 'e', stream_id: 's' });
    const told = [await client.next(), await client.next(), await client.next()];
    for (const event of told)
      expect(event).toEqual({
        type: 'response.waiting',
        event_id: 'e',
        stream_id: 's',
        stage: 'small: loading weights 40 %',
        estimate_ms: 2600,
      });
    await client.until('response.completed');
    const log = client.events.slice(3);
    expect(log.map(({ sequence_number }) => sequence_number)).toEqual(log.map((_, at) => at));
    expect(wsText(log)).toBe('Hello world');
  });

  it('keeps its WebSocket when the model does not come', async () => {
    dialogue.refuse = () => away;
    await boot();
    await using client = await WsClient.open(gateway);
    client.send({ ...create, event_id: 'e' });
    const { status, code, event_id } = await client.until('error');
    expect([status, code, event_id]).toEqual([503, 'model_not_ready', 'e']);
    client.send({ type: 'ping' });
    await client.until('pong');
  });

  it('may be the official WebSocket client, which hands the events on and goes by those it knows', async () => {
    await boot();
    const socket = new ResponsesWS(new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 }));
    socket.on('error', (error) => expect.fail(String(error)));
    socket.send(create);
    const types: string[] = [];
    let text = '';
    for await (const event of socket) {
      if (event.type !== 'message') continue;
      const { message } = event;
      types.push(message.type);
      if (message.type === 'response.output_text.delta') text += message.delta;
      if (message.type === 'response.completed') break;
    }
    socket.close();
    expect(types.slice(0, 4)).toEqual([...Array(3).fill('response.waiting'), 'response.created']);
    expect(text).toBe('Hello world');
  });

  it('is told in messages of the gRPC API that are no entries of the log', async () => {
    await boot();
    using client = closing(assistantClient(gateway));
    const { events, error } = await readAll(client.chat(chatRequest('Hi'), withKey));
    expect(error).toBeUndefined();
    const waiting = { sequence: 0, responseId: '', event: { $case: 'waiting', waiting: wait } };
    expect(events.slice(0, 3)).toEqual([waiting, waiting, waiting]);
    const log = events.slice(3);
    expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, at) => at));
    expect(textOf(log)).toBe('Hello world');
  });

  it('gets the status of a gRPC call when the model does not come', async () => {
    dialogue.refuse = () => away;
    await boot();
    using client = closing(assistantClient(gateway));
    const { events, error } = await readAll(client.chat(chatRequest('Hi'), withKey));
    expect(events.map(({ event }) => event?.$case)).toEqual(['waiting', 'waiting', 'waiting']);
    expect(detailOf(error)).toMatchObject({ code: 'model_not_ready', retryAfterMs: 700 });
  });

  it('is cut by no timer of a protocol, however long it waits', async () => {
    dialogue.waits = () => waits(45);
    await boot({ ...shortTimers, PARLEY_STREAM_PING_MS: '100' });
    using client = closing(assistantClient(gateway));
    await using socket = await WsClient.open(gateway);
    socket.send(create);
    const [rpc, sse] = await Promise.all([
      readAll(client.chat(chatRequest('Hi'), withKey)),
      gateway.post('/v1/responses', { input: 'Hi', stream: true }).then(allEvents),
      socket.until('response.completed'),
    ]);
    expect([rpc.error, textOf(rpc.events)]).toEqual([undefined, 'Hello world']);
    expect([deltaText(sse), wsText(socket.events)]).toEqual(['Hello world', 'Hello world']);
    expect(socket.events.filter(({ type }) => type === 'response.waiting')).toHaveLength(45);
  });

  it('may leave, and nobody waits for it any longer', async () => {
    dialogue.waits = () => waits(1000);
    await boot();
    using client = closing(assistantClient(gateway));
    const call = client.chat(chatRequest('Hi'), withKey);
    call.once('data', () => call.cancel());
    await readAll(call);
    await expect.poll(() => dialogue.detached).toBe(1);
    const socket = await WsClient.open(gateway);
    socket.send(create);
    await socket.until('response.waiting');
    await socket.close();
    await expect.poll(() => dialogue.detached).toBe(2);
    expect(dialogue.requests).toEqual([]);
  });

  it('is told less when it is slow, and gets its whole answer', async () => {
    const stage = 'x'.repeat(65_536);
    const times = 400;
    dialogue.waits = () => Array.from({ length: times }, () => ({ stage, estimateMs: 0 }));
    await boot();
    using client = closing(assistantClient(gateway));
    const call = client.chat(chatRequest('Hi'), withKey);
    await new Promise((resolve) => call.once('readable', resolve));
    await using socket = await WsClient.open(gateway);
    socket.socket.pause();
    socket.send(create);
    await expect.poll(() => dialogue.requests.length, { timeout: 20_000 }).toBe(2);
    socket.socket.resume();
    const { events } = await readAll(call);
    await socket.until('response.completed');
    const told = [
      events.filter(({ event }) => event?.$case === 'waiting').length,
      socket.events.filter(({ type }) => type === 'response.waiting').length,
    ];
    for (const count of told) expect(count).toBeLessThan(times / 2);
    expect([textOf(events), wsText(socket.events)]).toEqual(['Hello world', 'Hello world']);
  });
});

/** Closes a client with the test. */
function closing<T extends { close(): void }>(client: T): T & Disposable {
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}
