import { describe, expect, it } from 'vitest';
import { ErasedScopes } from './erased-scopes.ts';
import { openSqliteState } from './open-sqlite-state.ts';

const hourMs = 3_600_000;

describe('the scopes that were erased', () => {
  it('are seen by all for a day, each once, whoever adds them at the same time', async () => {
    await using state = openSqliteState(':memory:');
    let now = 0;
    const erased = new ErasedScopes(state.control, { now: () => now });
    const other = new ErasedScopes(state.control, { now: () => now });
    expect(await erased.read()).toEqual([]);
    await Promise.all([erased.add('acme', 'a'), other.add('acme', 'b'), erased.add('globex', 'a')]);
    now = hourMs;
    await other.add('acme', 'a');
    const scopes = async (): Promise<string[]> =>
      (await erased.read()).map(
        ({ tenant, scope, erasedAtMs }) => `${tenant} ${scope} ${erasedAtMs / hourMs}`,
      );
    expect((await scopes()).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'acme a 1',
      'acme b 0',
      'globex a 0',
    ]);
    now = 25 * hourMs;
    expect(await scopes()).toEqual(['acme a 1']);
  });

  it('are none where the store holds something else', async () => {
    await using state = openSqliteState(':memory:');
    await state.control.put('erased-scopes', '{"not": [1]', 0);
    const erased = new ErasedScopes(state.control, { now: () => 0 });
    expect(await erased.read()).toEqual([]);
    await erased.add('acme', 'a');
    expect(await erased.read()).toHaveLength(1);
  });
});
