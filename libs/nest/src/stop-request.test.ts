import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { stopRequested } from './stop-request.ts';

class FakeProcess extends EventEmitter {
  send: unknown;
  unreffed = 0;
  channel = { unref: (): void => void this.unreffed++ };
}

async function reasonAfter(source: FakeProcess, supervised: boolean, ...events: string[]): Promise<string> {
  const requested = stopRequested(source, supervised);
  for (const event of events) source.emit(event);
  return Promise.race([requested, setImmediate('goes on')]);
}

describe('a process stops', () => {
  it.each([[false], [true]])('at SIGTERM (supervised: %s)', async (supervised) => {
    expect(await reasonAfter(new FakeProcess(), supervised, 'SIGTERM')).toBe('SIGTERM');
  });

  it('at SIGINT when nobody supervises it, and leaves a second one to the system', async () => {
    const source = new FakeProcess();
    expect(await reasonAfter(source, false, 'SIGINT')).toBe('SIGINT');
    expect(source.listenerCount('SIGINT')).toBe(0);
  });

  it('not at any SIGINT when a supervisor decides', async () => {
    const source = new FakeProcess();
    expect(await reasonAfter(source, true, 'SIGINT', 'SIGINT')).toBe('goes on');
    expect(source.listenerCount('SIGINT')).toBe(1);
  });

  it('when its parent is gone, without being kept alive by listening for that', async () => {
    const source = new FakeProcess();
    source.send = () => undefined;
    expect(await reasonAfter(source, true, 'disconnect')).toBe('its parent is gone');
    expect(source.unreffed).toBe(1);
  });
});
