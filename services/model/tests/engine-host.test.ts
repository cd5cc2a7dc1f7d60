import { eventually, startScript } from '@parley/testing';
import { expect, it } from 'vitest';

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('an engine host ends with the process that started it, even when that is killed', async () => {
  await using owner = startScript(new URL('./support/engine-owner.ts', import.meta.url));
  const hostPid = await eventually(
    () => {
      const [message] = owner.messages as { hostPid: number }[];
      expect(message).toBeDefined();
      return message?.hostPid ?? 0;
    },
    { timeoutMs: 30_000 },
  );
  expect(isAlive(hostPid)).toBe(true);
  await owner.kill();
  // An ended process stays visible until its new parent, the system's first process, has looked after it.
  await eventually(() => expect(isAlive(hostPid)).toBe(false), { timeoutMs: 20_000 });
});
