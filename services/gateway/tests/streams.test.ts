import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BootedGateway } from './support/booted-gateway.ts';
import { DialoguePeer } from './support/dialogue-peer.ts';
import { Faucet } from './support/faucet.ts';
import { allEvents, deltaText, readEvents } from './support/sse-client.ts';

const chat = { model: 'default', stream: true, messages: [{ role: 'user', content: 'Hi' }] };

describe('a stream', () => {
  let dialogue: DialoguePeer;
  let gateway: BootedGateway;
  let faucet: Faucet;

  async function boot(variables: Record<string, string> = {}): Promise<void> {
    gateway = await BootedGateway.start({ PARLEY_DIALOGUE_ADDRESS: dialogue.peer.address, ...variables });
  }

  beforeEach(async () => {
    dialogue = new DialoguePeer();
    faucet = new Faucet();
    dialogue.answer = faucet.answer;
    await dialogue.peer.listen();
  });

  afterEach(async () => {
    dialogue.peer.kill();
    await gateway[Symbol.asyncDispose]();
  });

  it('of a response begins at once, of a chat with its first text', async () => {
    await boot();
    const response = await gateway.post('/v1/responses', { input: 'Hi', stream: true });
    expect(response.status).toBe(200);
    const pending = gateway.post('/v1/chat/completions', chat);
    const first = await Promise.race([pending, new Promise((resolve) => setTimeout(resolve, 300, 'silent'))]);
    expect(first).toBe('silent');
    faucet.say('Hi');
    faucet.say('Hi');
    expect((await pending).status).toBe(200);
    faucet.say(undefined);
    faucet.say(undefined);
  });

  it('sends comments while it is silent', async () => {
    await boot({ PARLEY_STREAM_PING_MS: '100' });
    const response = await gateway.post('/v1/responses', { input: 'Hi', stream: true });
    let text = '';
    for await (const piece of response.body ?? []) {
      text += Buffer.from(piece).toString('utf8');
      if (text.includes(': ping\n\n: ping\n\n')) break;
    }
    expect(text).toContain('event: response.created');
  });

  it('whose client leaves is detached from its turn, which goes on if stored', async () => {
    await boot();
    const client = new AbortController();
    const response = await gateway.fetch('/v1/responses', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'Hi', stream: true }),
      signal: client.signal,
    });
    faucet.say('One');
    for await (const { name } of readEvents(response)) if (name === 'response.output_text.delta') break;
    client.abort();
    await expect.poll(() => dialogue.detached).toBe(1);
    faucet.say(' two');
    faucet.say(undefined);
    const [id = ''] = [...dialogue.turns.keys()];
    const rest = await allEvents(await gateway.fetch(`/v1/responses/${id}?stream=true&starting_after=4`));
    expect(deltaText(rest)).toBe(' two');
    expect(rest.at(-1)?.name).toBe('response.completed');
  });

  it('of a request that does not stream is detached as well when its client leaves', async () => {
    await boot();
    const client = new AbortController();
    const pending = gateway.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...chat, stream: false }),
      signal: client.signal,
    });
    await expect.poll(() => dialogue.requests.length).toBe(1);
    client.abort();
    await expect(pending).rejects.toThrow();
    await expect.poll(() => dialogue.detached).toBe(1);
  });

  it('goes on without gap or repeat when dialogue is killed and comes back', async () => {
    await boot();
    const response = await gateway.post('/v1/responses', { input: 'Hi', stream: true });
    const events = readEvents(response);
    const seen: { id: number | undefined; name: string | undefined; data: string }[] = [];
    const readUntil = async (count: number): Promise<void> => {
      while (seen.length < count) {
        const next = await events.next();
        if (next.done === true) return;
        seen.push(next.value);
      }
    };
    faucet.say('One');
    await readUntil(5);
    dialogue.peer.kill();
    faucet.say(' two');
    await dialogue.peer.listen();
    faucet.say(' three');
    faucet.say(undefined);
    await readUntil(Number.POSITIVE_INFINITY);
    expect(seen.map(({ id }) => id)).toEqual(seen.map((_, index) => index));
    expect(deltaText(seen)).toBe('One two three');
    expect(seen.at(-1)?.name).toBe('response.completed');
    expect(dialogue.attaches.at(-1)).toMatchObject({ startingAfter: 4 });
  });

  it('ends a request that does not stream with the turn’s end although dialogue was killed meanwhile', async () => {
    await boot();
    const pending = gateway.post('/v1/responses', { input: 'Hi' });
    await expect.poll(() => dialogue.turns.size).toBe(1);
    // The gateway can only attach again once it knows the turn's id.
    await expect.poll(() => dialogue.sent).toBe(1);
    dialogue.peer.kill();
    await dialogue.peer.listen();
    faucet.say('One');
    faucet.say(undefined);
    expect(await (await pending).json()).toMatchObject({
      status: 'completed',
      output: [{ content: [{ text: 'One' }] }],
    });
  });

  it('of an unstored turn ends with an error when dialogue is killed', async () => {
    await boot();
    const pending = gateway.post('/v1/chat/completions', chat);
    faucet.say('One');
    const response = await pending;
    const events = readEvents(response);
    await events.next();
    dialogue.peer.kill();
    const rest = [];
    for await (const event of events) rest.push(event);
    expect(rest.at(-1)?.name).toBe('error');
    expect(JSON.parse(rest.at(-1)?.data ?? '')).toMatchObject({ error: { code: 'unavailable' } });
  });

  it('gives up on a stored turn when nobody serves it until its time is over', async () => {
    await boot({ PARLEY_TURN_TIMEOUT_MS: '300', PARLEY_REATTACH_GRACE_MS: '200' });
    const response = await gateway.post('/v1/responses', { input: 'Hi', stream: true });
    const events = readEvents(response);
    await events.next();
    dialogue.peer.kill();
    const rest = [];
    for await (const event of events) rest.push(event);
    expect(rest.at(-1)?.name).toBe('error');
  });

  it('is attached to again by a browser’s Last-Event-ID', async () => {
    await boot();
    faucet.say('One');
    faucet.say(undefined);
    const made = (await (await gateway.post('/v1/responses', { input: 'Hi' })).json()) as { id: string };
    const events = await allEvents(
      await gateway.fetch(`/v1/responses/${made.id}?stream=true`, { headers: { 'last-event-id': '2' } }),
    );
    expect(events[0]?.id).toBe(3);
  });

  it('that has ended gives nothing after its last entry, and is no error', async () => {
    await boot();
    faucet.say('One');
    faucet.say(undefined);
    const made = (await (await gateway.post('/v1/responses', { input: 'Hi' })).json()) as { id: string };
    const response = await gateway.fetch(`/v1/responses/${made.id}?stream=true&starting_after=99`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  it('is refused with 503 above the bound of turns, and taken again once one has ended', async () => {
    await boot({ PARLEY_MAX_STREAMS: '1' });
    const running = gateway.post('/v1/chat/completions', chat);
    await expect.poll(() => dialogue.requests.length).toBe(1);
    const refused = await gateway.post('/v1/chat/completions', chat);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ error: { code: 'overloaded' } });
    faucet.say('One');
    faucet.say(undefined);
    await (await running).text();
    faucet.say('Two');
    faucet.say(undefined);
    expect((await gateway.post('/v1/chat/completions', chat)).status).toBe(200);
  });

  it('is told at shutdown how to go on', async () => {
    await boot({ PARLEY_DRAIN_TIMEOUT_MS: '500' });
    const response = await gateway.post('/v1/responses', { input: 'Hi', stream: true });
    const reading = allEvents(response);
    const stopping = gateway.stop();
    const events = await reading;
    await stopping;
    expect(events.at(-1)?.name).toBe('error');
    expect(events.at(-1)?.data).toContain('starting_after');
  });

  it('that ends in time is whole at shutdown', async () => {
    await boot();
    const response = await gateway.post('/v1/responses', { input: 'Hi', stream: true });
    const stopping = gateway.stop();
    faucet.say('One');
    faucet.say(undefined);
    expect((await allEvents(response)).at(-1)?.name).toBe('response.completed');
    await stopping;
  });
});
