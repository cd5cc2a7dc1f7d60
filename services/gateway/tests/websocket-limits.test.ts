import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ParleyError } from '@parley/kernel';
import { BootedGateway } from './support/booted-gateway.ts';
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

const create = { type: 'response.create', model: 'default', input: 'Hi' };

describe('a frame that leads to nothing', () => {
  it.each([
    ['no JSON', '{"type":', 'invalid_request', undefined],
    ['empty', '', 'invalid_request', undefined],
    ['no object', '[]', 'invalid_request', undefined],
    ['too deep', '['.repeat(100), 'invalid_request', undefined],
    ['of no type', '{}', 'invalid_request', 'type'],
    ['of an unknown type', '{"type":"session.update"}', 'invalid_request', 'type'],
    ['of a type that Parley does not have', '{"type":"response.steer"}', 'unsupported', 'type'],
    ['without its input', '{"type":"response.create"}', 'invalid_request', 'input'],
    [
      'with a tool that Parley does not have',
      '{"type":"response.create","input":"x","tools":[{"type":"web_search"}]}',
      'unsupported',
      'tools[0].type',
    ],
    ['without output', '{"type":"response.create","input":"x","generate":false}', 'unsupported', 'generate'],
    ['with an impossible id', '{"type":"response.attach","response_id":"x"}', 'not_found', 'response_id'],
    [
      'with a negative number',
      '{"type":"response.attach","response_id":"x","starting_after":-1}',
      'invalid_request',
      'starting_after',
    ],
    ['without an id', '{"type":"response.cancel"}', 'invalid_request', 'response_id'],
    [
      'following what cannot be',
      '{"type":"response.create","input":"x","previous_response_id":"y"}',
      'not_found',
      'previous_response_id',
    ],
  ])('is answered with an error event and the connection stays: %s', async (_name, frame, code, param) => {
    await boot();
    await using client = await WsClient.open(gateway);
    client.send(frame);
    const event = await client.next();
    expect(event).toMatchObject({ type: 'error', code, param: param ?? null, error: { code } });
    expect(event.message).not.toBe('');
    client.send({ type: 'ping', event_id: 'still-here' });
    expect(await client.next()).toEqual({ type: 'pong', event_id: 'still-here' });
  });

  it('is named by its own names, even if only they can be read', async () => {
    await boot();
    await using client = await WsClient.open(gateway);
    client.send({ type: 'nonsense', event_id: 'e', stream_id: 's', response_id: 'r' });
    expect(await client.next()).toMatchObject({ event_id: 'e', stream_id: 's', response_id: 'r' });
  });

  it('may be binary, and is told that text is wanted', async () => {
    await boot();
    await using client = await WsClient.open(gateway);
    client.socket.send(Buffer.from('{"type":"ping"}'), { binary: true });
    expect(await client.next()).toMatchObject({ type: 'error', code: 'unsupported' });
  });

  it('ends the connection with 1008 when it comes in floods', async () => {
    await boot();
    await using client = await WsClient.open(gateway);
    for (let i = 0; i < 200; i++) client.send('{');
    await expect.poll(() => client.closed).toEqual({ code: 1008, reason: 'too_many_bad_frames' });
    expect(client.events.length).toBeLessThan(30);
  });

  it('ends the connection with 1009 when it is larger than a body may be', async () => {
    await boot({ PARLEY_BODY_LIMIT_BYTES: '2048' });
    await using client = await WsClient.open(gateway);
    client.send({ ...create, input: 'x'.repeat(3000) });
    await expect.poll(() => client.closed?.code).toBe(1009);
    expect(dialogue.requests).toHaveLength(0);
  });
});

describe('the bounds of a connection', () => {
  it('of turns: one more gets an error event with a hint, the connection and the turns stay', async () => {
    dialogue.answer = faucet.answer;
    await boot();
    await using client = await WsClient.open(gateway);
    for (let i = 0; i < 33; i++) client.send({ ...create, event_id: `e${i}` });
    const refused = await client.until('error');
    expect(refused).toMatchObject({ code: 'rate_limited', status: 429, event_id: 'e32' });
    expect(refused.error?.headers['retry-after-ms']).toBe('1000');
    await expect.poll(() => dialogue.requests.length).toBe(32);
    faucet.say(undefined);
    await client.until('response.completed');
    client.send(create);
    await expect.poll(() => dialogue.requests.length).toBe(33);
  });

  it('of connections: one more is refused at the upgrade with 503', async () => {
    await boot({ PARLEY_WS_MAX_CONNECTIONS: '1' });
    const first = await WsClient.open(gateway);
    await expect(WsClient.open(gateway)).rejects.toThrow('503');
    expect(await metric('parley_gateway_connections', 'websocket')).toBe(1);
    await first.close();
    await expect.poll(() => metric('parley_gateway_connections', 'websocket')).toBe(0);
    await using _again = await WsClient.open(gateway);
  });

  it('of the whole gateway: a turn beyond it gets an error event', async () => {
    dialogue.answer = faucet.answer;
    await boot({ PARLEY_MAX_STREAMS: '1' });
    await using client = await WsClient.open(gateway);
    client.send(create);
    await client.until('response.created');
    client.send(create);
    expect(await client.until('error')).toMatchObject({ code: 'overloaded', status: 503 });
    expect(await metric('parley_gateway_inflight_requests', 'websocket')).toBe(1);
  });
});

describe('a client', () => {
  it('that does not answer pings is disconnected', async () => {
    await boot({ PARLEY_WS_HEARTBEAT_MS: '100' });
    await using dead = await WsClient.open(gateway, { autoPong: false });
    await using alive = await WsClient.open(gateway);
    await expect
      .poll(() => dead.closed, { timeout: 5000 })
      .toEqual({ code: 4009, reason: 'heartbeat_missed' });
    alive.send({ type: 'ping' });
    await alive.until('pong');
  });

  it('that says nothing is disconnected after a time, unless a turn runs', async () => {
    dialogue.answer = faucet.answer;
    await boot({ PARLEY_WS_HEARTBEAT_MS: '100', PARLEY_WS_IDLE_TIMEOUT_MS: '300' });
    await using busy = await WsClient.open(gateway);
    busy.send(create);
    await busy.until('response.created');
    await using idle = await WsClient.open(gateway);
    await expect.poll(() => idle.closed, { timeout: 5000 }).toEqual({ code: 4001, reason: 'idle' });
    expect(busy.closed).toBeUndefined();
  });

  it('that takes nothing slows its turn’s log down, is told why it is closed, and can attach again', async () => {
    const pieces = 1600;
    const piece = 'x'.repeat(16_384);
    dialogue.answer = async function* () {
      for (let i = 0; i < pieces; i++) yield piece;
    };
    await boot({ PARLEY_SLOW_READER_TIMEOUT_MS: '2000', PARLEY_WS_HEARTBEAT_MS: '500' });
    await using client = await WsClient.open(gateway);
    client.send(create);
    const { response_id: id } = await client.until('response.created');
    client.socket.pause();
    await expect.poll(() => dialogue.detached, { timeout: 10_000 }).toBe(1);
    expect(dialogue.sent).toBeLessThan(pieces * 0.6);
    client.socket.resume();
    await expect
      .poll(() => client.closed, { timeout: 10_000 })
      .toEqual({ code: 4008, reason: 'slow_reader' });
    const seen = client.events.at(-1)?.sequence_number ?? 0;
    await using again = await WsClient.open(gateway);
    again.send({ type: 'response.attach', response_id: id, starting_after: seen });
    await again.until('response.completed');
    expect(again.events[0]?.sequence_number).toBe(seen + 1);
    expect(wsText(client.events) + wsText(again.events)).toHaveLength(pieces * piece.length);
    expect(await gateway.runtime.metrics.text()).toMatch(
      /rejected_total\{[^}]*reason="slow_reader"[^}]*\} 1/,
    );
  });
});

it('a client that asks and asks without reading the answers is not read any further, and closed', async () => {
  await boot({ PARLEY_SLOW_READER_TIMEOUT_MS: '500' });
  await using client = await WsClient.open(gateway);
  client.socket.pause();
  const ping = JSON.stringify({ type: 'ping', event_id: 'x'.repeat(250) });
  for (let i = 0; i < 150_000; i++) client.send(ping);
  await expect
    .poll(() => gateway.runtime.metrics.text(), { timeout: 10_000 })
    .toMatch(/rejected_total\{[^}]*reason="slow_reader"[^}]*\} 1/);
  expect(client.socket.bufferedAmount).toBeGreaterThan(10_000_000);
});

describe('at shutdown', () => {
  it('a connection without turns is closed at once, one with turns when they have ended', async () => {
    dialogue.answer = faucet.answer;
    await boot();
    await using idle = await WsClient.open(gateway);
    await using busy = await WsClient.open(gateway);
    busy.send(create);
    await busy.until('response.created');
    const stopping = gateway.stop();
    await expect.poll(() => idle.closed).toEqual({ code: 1012, reason: 'service_restart' });
    busy.send(create);
    expect(await busy.until('error')).toMatchObject({ code: 'unavailable' });
    await expect(WsClient.open(gateway)).rejects.toThrow('503');
    faucet.say('One');
    faucet.say(undefined);
    await busy.until('response.completed');
    await expect.poll(() => busy.closed?.code).toBe(1012);
    await stopping;
  });

  it('a turn that takes too long is told how to go on, before the connection closes', async () => {
    dialogue.answer = faucet.answer;
    await boot({ PARLEY_DRAIN_TIMEOUT_MS: '500' });
    await using client = await WsClient.open(gateway);
    client.send(create);
    const { response_id } = await client.until('response.created');
    await gateway.stop();
    const error = client.events.find(({ type }) => type === 'error');
    expect(error).toMatchObject({ code: 'unavailable', response_id, sequence_number: 0 });
    expect(error?.message).toContain('starting_after');
    await expect.poll(() => client.closed?.code).toBe(1012);
    expect(dialogue.turns.get(response_id ?? '')?.ended).toBe(false);
  });
});

it('a turn that fails before it is committed is an error event that names its frame', async () => {
  dialogue.refuse = () => new ParleyError('model_not_ready', 'Loading.', { retryAfterMs: 2500 });
  await boot();
  await using client = await WsClient.open(gateway);
  client.send({ ...create, event_id: 'e' });
  const event = await client.next();
  expect(event).toMatchObject({ type: 'error', code: 'model_not_ready', status: 503, event_id: 'e' });
  expect(event.error?.headers).toMatchObject({ 'retry-after': '3', 'retry-after-ms': '2500' });
});

async function metric(name: string, protocol: string): Promise<number> {
  const text = await gateway.runtime.metrics.text();
  return Number(new RegExp(`^${name}\\{[^}]*protocol="${protocol}"[^}]*\\} (\\d+)`, 'm').exec(text)?.[1]);
}
