import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigCopy } from './support/config-copy.ts';
import { TestFleet, eventually } from './support/test-fleet.ts';
import { waitOverGrpc, waitOverWebSocket } from './support/waits.ts';

const startLimitMs = 300_000;

interface Overview {
  readonly data: readonly { readonly name: string; readonly state: string; readonly reason: string }[];
}

describe('a model that its first use loads', () => {
  const config = new ConfigCopy();
  let fleet: TestFleet;
  beforeAll(async () => {
    const load = '  load: { when: first-use, unload: { idleMs: 3000 } }\n';
    config.change('models/parley-tiny.yaml', (text) => text.replace('spec:\n', `spec:\n${load}`));
    const env = { PARLEY_STREAM_HEADERS_HELD_MS: '0' };
    fleet = await TestFleet.start({ configDir: config.dir, env, startLimitMs });
  }, startLimitMs);
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    config[Symbol.dispose]();
  });

  async function stateOf(name: string): Promise<string | undefined> {
    const { data } = await fleet.json<Overview>('/admin/v1/models');
    return data.find((model) => model.name === name)?.state;
  }

  /** The comments and the last line of one streamed answer. */
  async function stream(): Promise<{ status: number; comments: string[]; last: string | undefined }> {
    const messages = [{ role: 'user', content: 'Hi' }];
    const response = await fleet.post('/v1/chat/completions', {
      model: 'default',
      stream: true,
      max_tokens: 4,
      messages,
    });
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    return {
      status: response.status,
      comments: lines.filter((line) => line.startsWith(': waiting')),
      last: lines.at(-1),
    };
  }

  it(
    'is not there when the fleet is ready; its callers wait, may be told how far it is, and get their answers',
    { timeout: startLimitMs },
    async () => {
      expect(await stateOf('parley-tiny')).toBe('registered');
      const streams = Promise.all([stream(), stream(), stream()]);
      const others = Promise.all([waitOverWebSocket(fleet), waitOverGrpc(fleet)]);
      const answers = await streams;
      for (const { status, comments, last } of answers) {
        expect([status, last]).toEqual([200, 'data: [DONE]']);
        // A fast machine has the model before there is anything to tell.
        for (const comment of comments) expect(comment).toMatch(/^: waiting: parley-tiny: /);
      }
      const [overWebSocket, overGrpc] = await others;
      expect([overWebSocket.kinds[0], overGrpc.kinds[0]]).toEqual(['response.created', 'created']);
      expect(overWebSocket.kinds.at(-1)).toMatch(/^response\.(completed|incomplete)$/);
      expect(overGrpc.kinds.at(-1)).toBe('finished');
      for (const { waits } of [overWebSocket, overGrpc])
        for (const stage of waits) expect(stage).toMatch(/^parley-tiny: /);
      expect(await stateOf('parley-tiny')).toBe('ready');
      await eventually('the idle model leaves', 30_000, async () =>
        (await stateOf('parley-tiny')) === 'registered' ? true : undefined,
      );
      expect((await stream()).last).toBe('data: [DONE]');
    },
  );
});
