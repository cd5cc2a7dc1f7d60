import { eventually, startScript } from '@parley/testing';
import type { RunningScript } from '@parley/testing';
import { expect, it } from 'vitest';

const limitMs = 120_000;
const patience = { timeoutMs: 60_000 };

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it.each<[how: string, end: (owner: RunningScript) => unknown]>([
  ['is killed', (owner) => owner.kill()],
  ['exits without a word', (owner) => owner.send('exit')],
  ['ends by an error that nobody caught', (owner) => owner.send('throw')],
])(
  'an engine host ends with the process that started it, when that %s',
  async (_how, end) => {
    await using owner = startScript(new URL('./support/engine-owner.ts', import.meta.url));
    const hostPid = await eventually(() => {
      const [message] = owner.messages as { hostPid: number }[];
      expect(message).toBeDefined();
      return message?.hostPid ?? 0;
    }, patience);
    expect(isAlive(hostPid)).toBe(true);
    await end(owner);
    // An ended process stays visible until its new parent, the system's first process, has looked after it.
    await eventually(() => expect(isAlive(hostPid)).toBe(false), patience);
  },
  limitMs,
);
