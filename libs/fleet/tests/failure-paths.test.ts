import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceName } from '@parley/fleet';
import { collect } from './support/sse.ts';
import { TestFleet, configs, eventually, noRealModel, onRealModel } from './support/test-fleet.ts';

interface Problem {
  error: { code: string; message: string };
}

const hi = { model: 'default', messages: [{ role: 'user', content: 'hi' }] };

describe('a model that cannot be loaded', () => {
  it('is a 503 with Retry-After and the reason, and the rest of the fleet serves', async () => {
    const configDir = mkdtempSync(join(tmpdir(), 'parley-config-'));
    mkdirSync(join(configDir, 'models'));
    writeFileSync(join(configDir, 'models', 'broken.gguf'), 'this is no model');
    const document = [
      'apiVersion: parley/v1',
      'kind: Model',
      'metadata: { name: broken, version: 1.0.0, title: { en: Broken } }',
      'spec:',
      '  engine: gguf',
      '  path: broken.gguf',
      '  aliases: [default]',
      '  context: { tokens: 512, slots: 1 }',
      '  terms: { license: MIT }',
    ];
    writeFileSync(join(configDir, 'models', 'broken.yaml'), document.join('\n'));
    await using fleet = await TestFleet.start({ configDir });
    const { headers, problem } = await eventually('the failure is known', 30_000, async () => {
      const response = await fleet.post('/v1/chat/completions', hi);
      expect(response.status).toBe(503);
      const body = (await response.json()) as Problem;
      return /broken\.gguf|magic|GGUF/.test(body.error.message)
        ? { headers: response.headers, problem: body }
        : undefined;
    });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(problem.error.code).toBe('model_not_ready');
    expect((await fleet.fetch('/v1/models')).status).toBe(200);
    expect((await fleet.fetch('/admin/v1/fleet')).status).toBe(200);
    rmSync(configDir, { recursive: true });
  });
});

describe('a service that is killed', () => {
  let fleet: TestFleet;
  beforeAll(async () => {
    fleet = await TestFleet.start();
  });
  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  const victims: ServiceName[] = ['logging', 'monitoring', 'model', 'dialogue', 'gateway'];

  it.each(victims)('(%s) is restarted; the others stay up and answer what they can', async (service) => {
    const others = fleet.fleet.instances().filter((instance) => instance.service !== service);
    process.kill(fleet.pid(service), 'SIGKILL');
    if (service !== 'gateway') {
      const answer = await fleet.post('/v1/chat/completions', hi);
      const needed = service === 'model' || service === 'dialogue';
      expect(needed ? [200, 503] : [200]).toContain(answer.status);
      await answer.arrayBuffer();
    }
    await eventually(`a chat works again after ${service} died`, 30_000, async () => {
      const answer = await fleet.post('/v1/chat/completions', hi);
      await answer.arrayBuffer();
      return answer.status === 200 ? true : undefined;
    });
    await eventually(`${service} is back`, 30_000, async () =>
      fleet.fleet.instances().every((instance) => instance.state === 'ready') ? true : undefined,
    );
    const now = fleet.fleet.instances();
    for (const other of others) {
      const same = now.find((instance) => instance.service === other.service);
      expect(same?.pid, other.service).toBe(other.pid);
    }
  });
});

describe.skipIf(noRealModel !== undefined)(onRealModel('a long answer'), () => {
  let fleet: TestFleet;
  beforeAll(async () => {
    fleet = await TestFleet.start({ configDir: configs.smollm2 });
  });
  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
  });

  const question = 'Write a very long story about a ship.';

  async function busySlots(): Promise<number> {
    const text = await fleet.metrics('model');
    const line = text.split('\n').find((row) => /^parley_model_slots\{.*state="busy"/.test(row));
    return Number(line?.split(' ').at(-1) ?? Number.NaN);
  }

  it('that is not stored stops when its client has gone', async () => {
    const client = new AbortController();
    const body = { ...hi, stream: true, max_tokens: 1500, messages: [{ role: 'user', content: question }] };
    const response = await fleet.post('/v1/chat/completions', body, { signal: client.signal });
    await response.body?.getReader().read();
    expect(await busySlots()).toBe(1);
    client.abort();
    await eventually('the slot is free', 3000, async () => ((await busySlots()) === 0 ? true : undefined));
  });

  it('breaks off with a clear error when the engine host is killed; the host is back with its model', async () => {
    const body = { model: 'default', stream: true, max_output_tokens: 1500, input: question };
    const response = await fleet.post('/v1/responses', body);
    let killed = false;
    const events = await collect(response, (event) => {
      if (killed || event.type !== 'response.output_text.delta') return;
      killed = true;
      for (const pid of childrenOf(fleet.pid('model'))) process.kill(pid, 'SIGKILL');
    });
    expect(events.at(-1)?.response?.status).toBe('incomplete');
    const refused = await fleet.post('/v1/chat/completions', hi);
    if (refused.status !== 200) {
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    await refused.arrayBuffer();
    await eventually('the host is back', 30_000, async () => {
      const answer = await fleet.post('/v1/chat/completions', { ...hi, max_tokens: 4 });
      await answer.arrayBuffer();
      return answer.status === 200 ? true : undefined;
    });
  });
});

describe.skipIf(noRealModel !== undefined)(onRealModel('a deadline'), () => {
  it('that passes before the first token is a 504 that says not to retry', async () => {
    await using fleet = await TestFleet.start({
      configDir: configs.smollm2,
      env: { PARLEY_FIRST_CHUNK_TIMEOUT_MS: '300' },
    });
    const response = await fleet.post('/v1/chat/completions', {
      model: 'default',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'many words '.repeat(700) }],
    });
    expect(response.status).toBe(504);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(((await response.json()) as Problem).error.code).toBe('deadline_exceeded');
  });

  it('that passes after it is a 200 with what was produced and finish_reason length', async () => {
    await using fleet = await TestFleet.start({
      configDir: configs.smollm2,
      env: { PARLEY_TURN_TIMEOUT_MS: '3000' },
    });
    const answer = await fleet.openai.chat.completions.create({
      model: 'default',
      max_tokens: 1500,
      messages: [{ role: 'user', content: 'Write a very long story about a ship.' }],
    });
    expect(answer.choices[0]?.finish_reason).toBe('length');
    expect(answer.choices[0]?.message.content).toMatch(/\w+/);
    expect(answer.usage?.completion_tokens).toBeGreaterThan(3);
    expect(answer.usage?.completion_tokens).toBeLessThan(1500);
  });
});

/** Child processes of a process, from /proc. */
function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}
