import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GgufEngine } from '../src/adapters/outbound/gguf/gguf-engine.ts';
import { engineEnvironment } from '../src/config.ts';
import type { EngineRequest, LoadedModel } from '../src/ports/engine.ts';
import { bundledSpec, withoutEnd } from './support/bundled-model.ts';
import { hear } from './support/hear.ts';

const gibibyte = 1024 ** 3;
const request: EngineRequest = {
  messages: [{ role: 'user', content: 'Hello' }],
  form: { kind: 'text' },
  maxOutputTokens: 60,
  stop: [],
  priority: 0,
  ...withoutEnd,
};

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** What the system would say about the memory of hosts, in the words of the test. */
describe('a host that holds far more memory than its models take', () => {
  const resident = new Map<number, number>();
  let available = 64 * gibibyte;
  const restarts: string[] = [];
  const logs: string[] = [];
  let engine: GgufEngine;
  let tiny: LoadedModel;
  let other: LoadedModel;

  beforeAll(async () => {
    engine = new GgufEngine({
      threads: 1,
      environment: engineEnvironment(1),
      onLog: (_level, message) => logs.push(message),
      onRestart: (why) => restarts.push(why),
      replaceHosts: true,
      readings: {
        residentBytes: (pid) => Promise.resolve(resident.get(pid) ?? gibibyte),
        availableBytes: () => available,
      },
      watchTimes: { lookMs: 600_000, restMs: 0 },
    });
    const { signal } = new AbortController();
    tiny = await engine.load(bundledSpec(), { signal });
    other = await engine.load(bundledSpec({ name: 'other' }), { signal });
  }, 60_000);
  afterAll(() => engine?.[Symbol.asyncDispose]());

  it('is left alone while it holds what its ledger says', async () => {
    const before = engine.hostPid;
    await engine.look();
    expect(engine.hostPid).toBe(before);
  });

  it('is left alone as well while there is no room for two', async () => {
    const before = engine.hostPid ?? 0;
    resident.set(before, 2 * gibibyte);
    available = gibibyte;
    await engine.look();
    expect(engine.hostPid).toBe(before);
    available = 64 * gibibyte;
  });

  it('is replaced by a fresh one, and no answer fails or is cut', async () => {
    const before = engine.hostPid ?? 0;
    const begun = Promise.withResolvers<void>();
    const running = hear(tiny, request, undefined, () => begun.resolve());
    await begun.promise;
    await engine.look();
    const after = engine.hostPid ?? 0;
    expect(after).not.toBe(before);
    expect(restarts).toEqual(['replaced']);
    const [whole, next, beside] = await Promise.all([running, hear(tiny, request), hear(other, request)]);
    for (const answer of [whole, next, beside]) {
      expect(answer.error).toBeUndefined();
      expect(answer.finished).toMatchObject({ reason: 'length', outputTokens: 60 });
    }
    expect(next.text).toBe(whole.text);
    await eventually(() => expect(isAlive(before)).toBe(false), { timeoutMs: 20_000 });
    expect(isAlive(after)).toBe(true);
    expect(logs).toEqual([]);
  });

  it('whose models are unloaded holds nothing that a later replacement would load', async () => {
    await other[Symbol.asyncDispose]();
    const before = engine.hostPid ?? 0;
    resident.set(before, 2 * gibibyte);
    await engine.look();
    expect(engine.hostPid).not.toBe(before);
    expect((await hear(tiny, { ...request, maxOutputTokens: 4 })).error).toBeUndefined();
    // A model that is lost is told so, wherever it lives by now.
    process.kill(engine.hostPid ?? 0, 'SIGKILL');
    expect(await tiny.lost).toMatchObject({ code: 'engine_failed', retryable: true });
  });
});
