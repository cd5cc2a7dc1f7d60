import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigCopy, simulatedModel } from './support/config-copy.ts';
import { eventually, TestFleet } from './support/test-fleet.ts';

const asDefault = (config: ConfigCopy): void =>
  config.change('models/parley-tiny.yaml', (text) =>
    text.replace('aliases: [default]', 'aliases: []\n  load: { when: never }'),
  );

const farModel = (url: string): string => `apiVersion: parley/v1
kind: Model
metadata: { name: far, version: 1.0.0, title: { en: "A model of another fleet." } }
spec:
  engine: openai
  baseUrl: ${url}/v1
  model: simulated
  apiKey: { env: PARLEY_FAR_KEY }
  aliases: [default]
  context: { tokens: 2048, slots: 16 }
  abilities: { json: false, embeddings: true }
  health: { intervalMs: 500, lostAfterMs: 1000 }
`;

/** Ten processes begin at once. */
const startLimitMs = 110_000;

/** One Parley is the remote engine of another, as a fleet on a machine with a GPU may be. */
describe('a fleet whose model is another fleet', () => {
  const farConfig = new ConfigCopy();
  const nearConfig = new ConfigCopy();
  let far: TestFleet;
  let near: TestFleet;
  let road: Road;
  const messages = [{ role: 'user' as const, content: 'Hello over there' }];

  beforeAll(async () => {
    asDefault(farConfig);
    farConfig.write('models/simulated.yaml', `${simulatedModel}  aliases: [default]\n`);
    far = await TestFleet.start({ startLimitMs, configDir: farConfig.dir });
    road = await Road.to(far.fleet.url);
    asDefault(nearConfig);
    nearConfig.write('models/far.yaml', farModel(road.url));
    const env = { PARLEY_FAR_KEY: far.fleet.apiKey };
    near = await TestFleet.start({ startLimitMs, configDir: nearConfig.dir, env });
  }, 2 * startLimitMs);
  afterAll(async () => {
    await near?.[Symbol.asyncDispose]();
    road?.close();
    await far?.[Symbol.asyncDispose]();
    nearConfig[Symbol.dispose]();
    farConfig[Symbol.dispose]();
  });

  it('answers with the words and the usage of the other', async () => {
    const request = { model: 'default', messages, seed: 7, temperature: 0 };
    const there = await far.openai.chat.completions.create(request);
    const here = await near.openai.chat.completions.create(request);
    expect(here.model).toBe('far');
    expect(here.choices[0]?.message.content).toBe(there.choices[0]?.message.content);
    expect(here.choices[0]?.finish_reason).toBe('stop');
    expect(here.usage).toMatchObject({
      prompt_tokens: there.usage?.prompt_tokens,
      completion_tokens: there.usage?.completion_tokens,
    });
  });

  it('streams', async () => {
    const stream = await near.openai.chat.completions.create({ model: 'default', messages, stream: true });
    let text = '';
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
    expect(text).toMatch(/^This is a simulated answer\./);
  });

  it('makes embeddings there', async () => {
    const { data } = await near.openai.embeddings.create({ model: 'default', input: ['river', 'market'] });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([64, 64]);
  });

  it('says so while the other is away, and answers again once it is back', async () => {
    road.close();
    await eventually('the near fleet notices', 30_000, async () => {
      const response = await near.post('/v1/chat/completions', { model: 'default', messages });
      const { error } = (await response.json()) as { error?: { code: string; message: string } };
      return response.status === 503 && error?.message.includes('cannot be reached') ? error : undefined;
    });
    const { data } = await near.json<{ data: { id: string; state: string; reason: string }[] }>('/v1/models');
    const listed = data.find(({ id }) => id === 'far');
    expect(listed).toMatchObject({ state: 'loading', reason: expect.stringContaining('cannot be reached') });
    await road.open();
    const answer = await eventually('the near fleet answers again', 60_000, async () => {
      const response = await near.post('/v1/chat/completions', { model: 'default', messages });
      return response.status === 200 ? ((await response.json()) as { model: string }) : undefined;
    });
    expect(answer.model).toBe('far');
  });
});

/** The network between two fleets, which a test can cut. */
class Road {
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  private constructor(target: number) {
    this.#target = target;
  }

  static async to(url: string): Promise<Road> {
    const road = new Road(Number(new URL(url).port));
    await road.open();
    return road;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens (again), on the same port. */
  async open(): Promise<void> {
    const server = createServer((socket) => {
      const onward = connect(this.#target, '127.0.0.1');
      for (const [end, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        this.#sockets.add(end);
        end.on('error', () => undefined);
        end.once('close', () => this.#sockets.delete(end));
        end.once('close', () => other.destroy());
        end.pipe(other);
      }
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
