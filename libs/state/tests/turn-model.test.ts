import * as fc from 'fast-check';
import { aNewTurn, anEnd, entries } from '@parley/testing';
import { expect, test } from 'vitest';
import { openSqliteState } from '../src/open-sqlite-state.ts';
import type { Fence, StateStore } from '../src/ports.ts';

/** What a turn must look like after the actions so far. */
interface ModelTurn {
  fence: Fence;
  owner: string;
  entries: number;
  ended: boolean;
}

interface Action {
  readonly kind: 'accept' | 'delete' | 'expireLogs' | 'append' | 'commit' | 'takeOver';
  readonly turn: number;
  /** Which of the fences seen so far, counted from the newest. */
  readonly fence: number;
}

const kinds = fc.oneof(
  { weight: 3, arbitrary: fc.constant('accept' as const) },
  { weight: 1, arbitrary: fc.constantFrom('delete' as const, 'expireLogs' as const) },
  { weight: 4, arbitrary: fc.constant('append' as const) },
  { weight: 4, arbitrary: fc.constantFrom('commit' as const, 'takeOver' as const) },
);
const action: fc.Arbitrary<Action> = fc.record({
  kind: kinds,
  turn: fc.integer({ min: 0, max: 1 }),
  fence: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }),
});

/** A store and its model, driven by the same actions. */
class Pair {
  readonly #store: StateStore;
  readonly #ids = [aNewTurn().id, aNewTurn().id];
  readonly #model = new Map<string, ModelTurn>();
  readonly #fences: Fence[] = [];
  #owners = 0;

  constructor(store: StateStore) {
    this.#store = store;
  }

  async apply(action: Action): Promise<void> {
    const id = this.#ids[action.turn] ?? '';
    const known = this.#model.get(id);
    if (action.kind === 'accept') await this.#accept(id, known);
    else if (action.kind === 'delete') await this.#delete(id, known);
    else if (action.kind === 'expireLogs') await this.#expireLogs();
    else {
      const fence = this.#fences.at(-1 - action.fence) ?? { epoch: 'none', counter: 0 };
      const valid = known !== undefined && !known.ended && known.fence.counter === fence.counter;
      await this.#fenced(action.kind, id, fence, valid ? known : undefined);
    }
    await this.#compare();
  }

  async #accept(id: string, known: ModelTurn | undefined): Promise<void> {
    const owner = `owner-${this.#owners++}`;
    const accepting = this.#store.turns.accept(aNewTurn({ id, owner }), entries(0, 0), []);
    if (known !== undefined) return expect(accepting).rejects.toMatchObject({ code: 'conflict' });
    const fence = await accepting;
    this.#remember(fence);
    this.#model.set(id, { fence, owner, entries: 1, ended: false });
  }

  async #delete(id: string, known: ModelTurn | undefined): Promise<void> {
    expect(await this.#store.turns.delete(id, [])).toBe(known?.ended ?? false);
    if (known?.ended === true) this.#model.delete(id);
  }

  async #expireLogs(): Promise<void> {
    const ended = [...this.#model.values()].filter((turn) => turn.ended && turn.entries > 0);
    expect(await this.#store.turnLogs.expireLogs(Number.MAX_SAFE_INTEGER, 10)).toBe(ended.length);
    for (const turn of ended) turn.entries = 0;
  }

  async #fenced(
    kind: 'append' | 'commit' | 'takeOver',
    id: string,
    fence: Fence,
    owned?: ModelTurn,
  ): Promise<void> {
    if (kind === 'takeOver') return this.#takeOver(id, fence, owned);
    const next = entries(owned?.entries ?? 0, (owned?.entries ?? 0) + 1);
    const writing =
      kind === 'append'
        ? this.#store.turnLogs.append(id, fence, next)
        : this.#store.turns.commit(id, fence, anEnd({ entries: next }));
    if (owned === undefined) return expect(writing).rejects.toMatchObject({ code: 'stale_fence' });
    await writing;
    owned.entries += next.length;
    owned.ended = kind === 'commit';
  }

  async #takeOver(id: string, fence: Fence, owned: ModelTurn | undefined): Promise<void> {
    const owner = `owner-${this.#owners++}`;
    const taken = await this.#store.turns.takeOver(id, fence, owner);
    expect(taken !== undefined).toBe(owned !== undefined);
    if (taken === undefined || owned === undefined) return;
    this.#remember(taken);
    Object.assign(owned, { fence: taken, owner });
  }

  /** A fence is greater than every one before it, whichever turn those were of. */
  #remember(fence: Fence): void {
    expect(fence.counter).toBeGreaterThan(this.#fences.at(-1)?.counter ?? 0);
    this.#fences.push(fence);
  }

  async #compare(): Promise<void> {
    for (const id of this.#ids) {
      const expected = this.#model.get(id);
      const { entries: log, ended } = await this.#store.turnLogs.read(id, -1, 1_000);
      expect(log).toEqual(expected === undefined ? [] : entries(0, expected.entries - 1));
      expect(ended).toBe(expected?.ended ?? true);
      const { fence, owner } = expected ?? {};
      const kept = await this.#store.turns.get(id);
      expect({ fence: kept?.fence, owner: kept?.owner, ended: kept?.ended }).toEqual({
        fence,
        owner,
        ended: expected?.ended,
      });
    }
  }
}

test('turns, logs and fences do what a simple model says, whatever is asked in whatever order', async () => {
  const property = fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), async (actions) => {
    await using store = openSqliteState(':memory:');
    const pair = new Pair(store);
    for (const each of actions) await pair.apply(each);
  });
  await fc.assert(property, { numRuns: 60 });
});
