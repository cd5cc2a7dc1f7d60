import type { gateway as api } from '@parley/contracts';
import { ParleyError } from '@parley/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  assistantClient,
  chatRequest,
  detailOf,
  once,
  readAll,
  readUntil,
  textOf,
  withKey,
} from './support/assistant-client.ts';
import { BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';
import { Faucet } from './support/faucet.ts';
import { allEvents, deltaText, readEvents } from './support/sse-client.ts';
import { WsClient, wsText } from './support/ws-client.ts';

/** What a reader of any protocol got: numbers and text. */
interface Seen {
  readonly numbers: readonly (number | undefined)[];
  readonly text: string;
}

describe('one turn, three views', () => {
  const dialogue = new DialoguePeer();
  let gateway: BootedGateway;
  let client: api.AssistantClient;
  let faucet: Faucet;

  beforeAll(async () => {
    await dialogue.peer.listen();
    gateway = await BootedGateway.start({ PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address });
    client = assistantClient(gateway);
  });

  afterAll(async () => {
    client.close();
    dialogue.peer.kill();
    await gateway[Symbol.asyncDispose]();
  });

  beforeEach(() => {
    faucet = new Faucet();
    dialogue.answer = faucet.answer;
    dialogue.refuseAttach = () => undefined;
  });

  async function overSse(id: string, after?: number): Promise<Seen> {
    const query = after === undefined ? '' : `&starting_after=${after}`;
    const events = await allEvents(await gateway.fetch(`/v1/responses/${id}?stream=true${query}`));
    return { numbers: events.map(({ id: number }) => number), text: deltaText(events) };
  }

  async function overWebSocket(id: string, after?: number): Promise<Seen> {
    await using socket = await WsClient.open(gateway);
    socket.send({ type: 'response.attach', response_id: id, starting_after: after });
    await socket.until('response.completed');
    return {
      numbers: socket.events.map(({ sequence_number }) => sequence_number),
      text: wsText(socket.events),
    };
  }

  async function overGrpc(id: string, startingAfter?: number): Promise<Seen> {
    const { events } = await readAll(client.attach({ responseId: id, startingAfter }, withKey));
    return { numbers: events.map(({ sequence }) => sequence), text: textOf(events) };
  }

  const views = [overSse, overWebSocket, overGrpc];

  async function startOverSse(): Promise<string> {
    const response = await gateway.post('/v1/responses', { input: 'Hi', stream: true });
    const events = readEvents(response);
    const { value } = await events.next();
    void events.return(undefined);
    return (JSON.parse(value?.data ?? '{}') as { response: { id: string } }).response.id;
  }

  it('a turn started over SSE is read over all three from any number, while it runs and after it', async () => {
    const id = await startOverSse();
    faucet.say('One');
    const running = [undefined, 0, 3, 4].flatMap((after) => views.map((view) => view(id, after)));
    for (const text of [' two', ' three', undefined]) faucet.say(text);
    const whole = await overSse(id);
    expect(whole.text).toBe('One two three');
    expect(whole.numbers).toEqual(whole.numbers.map((_, at) => at));
    const texts = new Map([
      [undefined, 'One two three'],
      [0, 'One two three'],
      [3, 'One two three'],
      [4, ' two three'],
    ]);
    const expected = [...texts].flatMap(([after, text]) =>
      views.map(() => ({ numbers: whole.numbers.slice((after ?? -1) + 1), text })),
    );
    expect(await Promise.all(running)).toEqual(expected);
    const afterwards = [...texts.keys()].flatMap((after) =>
      views.toReversed().map((view) => view(id, after)),
    );
    expect(await Promise.all(afterwards)).toEqual(expected);
  });

  it.each([
    ['SSE', (id: string) => gateway.post(`/v1/responses/${id}/cancel`, {})],
    [
      'gRPC',
      (id: string) => once<api.Response>((answer) => client.cancel({ responseId: id }, withKey, answer)),
    ],
    [
      'WebSocket',
      async (id: string) => {
        await using socket = await WsClient.open(gateway);
        socket.send({ type: 'response.cancel', response_id: id });
        await socket.until('response.cancelled');
      },
    ],
  ])(
    'a turn that is read over all three is cancelled over %s, and all three see it',
    async (_name, cancel) => {
      const id = await startOverSse();
      await using socket = await WsClient.open(gateway);
      socket.send({ type: 'response.attach', response_id: id });
      const sse = gateway.fetch(`/v1/responses/${id}?stream=true`).then(allEvents);
      const grpc = readAll(client.attach({ responseId: id }, withKey));
      faucet.say('One');
      await socket.until('response.output_text.delta');
      await cancel(id);
      expect((await socket.until('response.incomplete')).response?.status).toBe('cancelled');
      expect((await sse).at(-1)?.data).toContain('"status":"cancelled"');
      expect((await grpc).events.at(-1)?.event).toMatchObject({
        $case: 'finished',
        finished: { id, status: 4 },
      });
    },
  );

  it('a turn started over gRPC or WebSocket is read over the others', async () => {
    const chat = client.chat(chatRequest('Hi'), withKey);
    const { responseId } = await readUntil(chat, 'created');
    await using socket = await WsClient.open(gateway);
    socket.send({ type: 'response.create', model: 'default', input: 'Hi' });
    const { response_id: other = '' } = await socket.until('response.created');
    const reading = [responseId, other].map((id) => Promise.all(views.map((view) => view(id))));
    for (const text of ['a', 'b', undefined, undefined]) faucet.say(text);
    for (const seen of await Promise.all(reading)) expect(new Set(seen.map(({ text }) => text)).size).toBe(1);
  });

  it('a log that is kept no longer is the same error everywhere', async () => {
    const id = await startOverSse();
    faucet.say(undefined);
    await overGrpc(id);
    dialogue.refuseAttach = () => new ParleyError('stream_expired', 'It ended more than 10 minutes ago.');
    const sse = await gateway.fetch(`/v1/responses/${id}?stream=true`);
    expect([sse.status, await sse.json()]).toMatchObject([410, { error: { code: 'stream_expired' } }]);
    await using socket = await WsClient.open(gateway);
    socket.send({ type: 'response.attach', response_id: id });
    expect(await socket.next()).toMatchObject({ code: 'stream_expired', status: 410, response_id: id });
    const { error } = await readAll(client.attach({ responseId: id }, withKey));
    expect(detailOf(error)?.code).toBe('stream_expired');
    expect(await (await gateway.fetch(`/v1/responses/${id}`)).json()).toMatchObject({
      id,
      status: 'completed',
    });
  });
});
