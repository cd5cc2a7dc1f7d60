import { status } from '@grpc/grpc-js';
import { gateway as api } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  assistantClient,
  chatRequest,
  detailOf,
  healthOf,
  once,
  readAll,
  readUntil,
  textOf,
  withKey,
} from './support/assistant-client.ts';
import { BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';
import { Faucet } from './support/faucet.ts';
import { modelPeer } from './support/other-peers.ts';

const models = modelPeer();
let dialogue: DialoguePeer;
let gateway: BootedGateway;
let client: api.AssistantClient;
let faucet: Faucet;

async function boot(variables: Record<string, string> = {}): Promise<void> {
  gateway = await BootedGateway.start({
    PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address,
    PARLEY_MODEL_ADDRESS: models.address,
    ...variables,
  });
  client = assistantClient(gateway);
}

beforeEach(async () => {
  dialogue = new DialoguePeer();
  faucet = new Faucet();
  await Promise.all([dialogue.peer.listen(), models.listen()]);
});

afterEach(async () => {
  client.close();
  dialogue.peer.kill();
  models.kill();
  await gateway[Symbol.asyncDispose]();
});

describe('a chat', () => {
  it('is the turn’s log: numbered from 0, with the answer, its usage and the model that made it', async () => {
    await boot();
    const { events, error } = await readAll(
      client.chat(
        chatRequest('Hi', { model: 'default', metadata: { a: 'b' }, stop: ['\n'], endUser: 'u' }),
        withKey,
      ),
    );
    expect(error).toBeUndefined();
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at));
    expect(new Set(events.map(({ responseId }) => responseId)).size).toBe(1);
    expect(textOf(events)).toBe('Hello world');
    expect(events.at(-1)?.event).toMatchObject({
      $case: 'finished',
      finished: {
        id: events[0]?.responseId,
        status: api.Status.STATUS_COMPLETED,
        finishReason: api.FinishReason.FINISH_REASON_STOP,
        model: 'parley-tiny',
        systemFingerprint: '0123456789ab',
        usage: { inputTokens: 11, outputTokens: 3 },
        store: true,
        metadata: { a: 'b' },
      },
    });
    expect(dialogue.requests[0]).toMatchObject({
      model: 'default',
      stop: ['\n'],
      endUser: 'u',
      store: true,
      deltas: true,
    });
  });

  it('that fails after it was created tells so in its last event', async () => {
    dialogue.answer = async function* () {
      yield 'One';
      throw new ParleyError('engine_failed', 'The engine died.');
    };
    await boot();
    const { events, error } = await readAll(client.chat(chatRequest('Hi'), withKey));
    expect(error).toBeUndefined();
    expect(events.at(-1)?.event).toMatchObject({
      finished: {
        status: api.Status.STATUS_FAILED,
        error: { code: 'engine_failed', message: 'The engine died.' },
      },
    });
  });

  it('that is not stored may take as long as its call, a stored one as long as any', async () => {
    dialogue.answer = faucet.answer;
    await boot();
    const deadline = Date.now() + 1000;
    const calls = [false, true].map((store) =>
      readAll(client.chat(chatRequest('Hi', { store }), withKey, { deadline })),
    );
    for (const { error } of await Promise.all(calls)) expect(error?.code).toBe(status.DEADLINE_EXCEEDED);
    const timeouts = new Map(dialogue.requests.map((request) => [request.store, request]));
    expect(timeouts.get(false)?.totalTimeoutMs).toBeGreaterThan(500);
    expect(timeouts.get(false)?.totalTimeoutMs).toBeLessThan(950);
    expect(timeouts.get(false)?.firstTokenTimeoutMs).toBeLessThan(950);
    expect(timeouts.get(true)?.totalTimeoutMs).toBe(120_000);
    await expect.poll(() => dialogue.detached).toBe(2);
  });

  it('whose caller leaves is left, too, and its place is free again', async () => {
    dialogue.answer = faucet.answer;
    await boot({ PARLEY_MAX_STREAMS: '1' });
    const call = client.chat(chatRequest('Hi', { store: false }), withKey);
    await readUntil(call, 'created');
    const { error } = await readAll(client.chat(chatRequest('Hi'), withKey));
    expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(detailOf(error)).toMatchObject({ code: 'overloaded', retryable: true });
    expect(await metric('parley_gateway_connections')).toBe(1);
    call.on('error', () => undefined);
    call.cancel();
    await expect.poll(() => dialogue.detached).toBe(1);
    await expect.poll(() => metric('parley_gateway_connections')).toBe(0);
    expect(await metric('parley_gateway_inflight_requests')).toBe(0);
  });
});

describe('a response', () => {
  it('is attached to after any number, while it runs and after', async () => {
    dialogue.answer = faucet.answer;
    await boot();
    const chat = client.chat(chatRequest('Hi'), withKey);
    faucet.say('One');
    const { responseId } = await readUntil(chat, 'textDelta');
    const running = readAll(client.attach({ responseId, startingAfter: 2 }, withKey));
    faucet.say(' two');
    faucet.say(undefined);
    const { events } = await running;
    expect(events[0]?.sequence).toBe(3);
    expect(events.every((event) => event.responseId === responseId)).toBe(true);
    expect(textOf(events)).toBe('One two');
    const whole = await readAll(client.attach({ responseId }, withKey));
    expect(whole.events.slice(3)).toEqual(events);
    expect(await readAll(client.attach({ responseId, startingAfter: 99 }, withKey))).toEqual({
      events: [],
      error: undefined,
    });
  });

  it('is cancelled', async () => {
    dialogue.answer = faucet.answer;
    await boot();
    const chat = client.chat(chatRequest('Hi'), withKey);
    const { responseId } = await readUntil(chat, 'created');
    faucet.say('One');
    await once<api.Response>((answer) => client.cancel({ responseId }, withKey, answer));
    await expect.poll(() => dialogue.turns.get(responseId)?.ended).toBe(true);
    const ended = await once<api.Response>((answer) => client.cancel({ responseId }, withKey, answer));
    expect(ended).toMatchObject({
      id: responseId,
      status: api.Status.STATUS_CANCELLED,
      finishReason: api.FinishReason.FINISH_REASON_CANCELLED,
    });
  });

  it('that takes nothing more stops its log, is ended with the reason, and can be attached to again', async () => {
    const pieces = 1600;
    const piece = 'x'.repeat(16_384);
    dialogue.answer = async function* () {
      for (let i = 0; i < pieces; i++) yield piece;
    };
    await boot({ PARLEY_SLOW_READER_TIMEOUT_MS: '2000' });
    const call = client.chat(chatRequest('Hi'), withKey);
    await new Promise((resolve) => call.once('readable', resolve));
    await expect.poll(() => dialogue.detached, { timeout: 10_000 }).toBe(1);
    expect(dialogue.sent).toBeLessThan(pieces * 0.6);
    const { events, error } = await readAll(call);
    expect(error?.code).toBe(status.CANCELLED);
    expect(error?.details).toContain('slow reader');
    const startingAfter = events.at(-1)?.sequence;
    const rest = await readAll(
      client.attach({ responseId: events[0]?.responseId ?? '', startingAfter }, withKey),
    );
    expect(textOf(events) + textOf(rest.events)).toHaveLength(pieces * piece.length);
  });
});

it('the models are listed: names, then aliases', async () => {
  await boot();
  const { models: listed } = await once<api.ListModelsResponse>((answer) =>
    client.listModels({}, withKey, answer),
  );
  expect(listed.map(({ id, name, alias, state }) => [id, name, alias, state])).toEqual([
    ['parley-tiny', 'parley-tiny', false, 'ready'],
    ['smollm2', 'smollm2', false, 'loading'],
    ['default', 'parley-tiny', true, 'ready'],
    ['fast', 'smollm2', true, 'loading'],
  ]);
});

describe('at shutdown', () => {
  it('a chat that ends in time is whole', async () => {
    dialogue.answer = faucet.answer;
    await boot();
    const reading = readAll(client.chat(chatRequest('Hi'), withKey));
    await expect.poll(() => dialogue.requests.length).toBe(1);
    const stopping = gateway.stop();
    await expect.poll(() => healthOf(gateway.grpcAddress)).toBe(2);
    faucet.say('One');
    faucet.say(undefined);
    const { events, error } = await reading;
    expect(error).toBeUndefined();
    expect(events.at(-1)?.event?.$case).toBe('finished');
    await stopping;
  });

  it('one that takes longer is told how to go on', async () => {
    dialogue.answer = faucet.answer;
    await boot({ PARLEY_DRAIN_TIMEOUT_MS: '500' });
    const reading = readAll(client.chat(chatRequest('Hi'), withKey));
    await expect.poll(() => dialogue.requests.length).toBe(1);
    await gateway.stop();
    const { events, error } = await reading;
    expect(events[0]?.event?.$case).toBe('created');
    expect(error?.code).toBe(status.UNAVAILABLE);
    expect(error?.details).toContain('starting_after');
    expect(dialogue.turns.get(events[0]?.responseId ?? '')?.ended).toBe(false);
  });
});

async function metric(name: string): Promise<number> {
  const text = await gateway.runtime.metrics.text();
  return Number(new RegExp(`^${name}\\{[^}]*protocol="grpc"[^}]*\\} (\\d+)`, 'm').exec(text)?.[1]);
}
