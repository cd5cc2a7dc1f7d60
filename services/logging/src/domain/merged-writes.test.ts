import { describe, expect, it } from 'vitest';
import { MergedWrites } from './merged-writes.ts';

/** Writes that end when they are told to. */
class HeldWrites {
  readonly begun: number[][] = [];
  readonly #ends: PromiseWithResolvers<void>[] = [];

  write(events: readonly number[]): Promise<void> {
    this.begun.push([...events]);
    const end = Promise.withResolvers<void>();
    this.#ends.push(end);
    return end.promise;
  }

  end(): void {
    this.#ends.shift()?.resolve();
  }

  fail(error: Error): void {
    this.#ends.shift()?.reject(error);
  }
}

function merging() {
  const held = new HeldWrites();
  return { held, writes: new MergedWrites<number>((events) => held.write(events)) };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('merged writes', () => {
  it('begin at once, and take all that has come meanwhile together', async () => {
    const { held, writes } = merging();
    const first = writes.add([1]);
    const others = [writes.add([2, 3]), writes.add([4])];
    expect(held.begun).toEqual([[1]]);
    held.end();
    await first;
    expect(held.begun).toEqual([[1], [2, 3, 4]]);
    held.end();
    await Promise.all(others);
    const later = writes.add([5]);
    expect(held.begun.at(-1)).toEqual([5]);
    held.end();
    await later;
  });

  it('take no more than 1024 events together, and one that is larger alone', async () => {
    const { held, writes } = merging();
    const sizes = [1, 600, 400, 100, 2000, 1];
    const all = sizes.map((size) => writes.add(range(size)));
    for (const _ of sizes) {
      held.end();
      await Promise.resolve(await new Promise(setImmediate));
    }
    await Promise.all(all);
    expect(held.begun.map(({ length }) => length)).toEqual([1, 1000, 100, 2000, 1]);
  });

  it('fail for those who were part of them, and for nobody else', async () => {
    const { held, writes } = merging();
    const first = writes.add([1]);
    const others = [writes.add([2]), writes.add([3])];
    held.end();
    await first;
    const last = writes.add([4]);
    const outcomes = Promise.allSettled(others);
    held.fail(new Error('disk'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    held.end();
    await last;
    expect(held.begun).toEqual([[1], [2, 3], [4]]);
  });
});
