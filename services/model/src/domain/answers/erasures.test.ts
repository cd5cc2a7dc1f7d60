import { describe, expect, it } from 'vitest';
import { Erasures } from './erasures.ts';
import type { Erasure } from './erasures.ts';

describe('following erasures', () => {
  it('has each engine that keeps something forget each of them, once', async () => {
    const forgotten: string[] = [];
    let known: Erasure[] = [{ tenant: 'acme', scope: 'ada', erasedAtMs: 1 }];
    const forget = (own: string): Promise<void> => {
      forgotten.push(own);
      return Promise.resolve();
    };
    const erasures = new Erasures({
      read: () => Promise.resolve(known),
      engines: new Map([
        ['gguf', { forget }],
        ['simulated', {}],
      ]),
      onTrouble: () => undefined,
    });
    await erasures.look();
    await erasures.look();
    expect(forgotten).toEqual(['acme\0ada']);
    known = [
      { tenant: 'other', scope: 'ada', erasedAtMs: 2 },
      { tenant: 'acme', scope: 'ada', erasedAtMs: 3 },
    ];
    await erasures.look();
    await erasures.look();
    expect(forgotten).toEqual(['acme\0ada', 'other\0ada', 'acme\0ada']);
  });

  it('tries again what was not done', async () => {
    let tries = 0;
    const forget = (): Promise<void> =>
      tries++ === 0 ? Promise.reject(new Error('no disk')) : Promise.resolve();
    const erasures = new Erasures({
      read: () => Promise.resolve([{ tenant: 'acme', scope: 'ada', erasedAtMs: 1 }]),
      engines: new Map([['gguf', { forget }]]),
      onTrouble: () => undefined,
    });
    await expect(erasures.look()).rejects.toThrow('no disk');
    await erasures.look();
    await erasures.look();
    expect(tries).toBe(2);
  });
});
