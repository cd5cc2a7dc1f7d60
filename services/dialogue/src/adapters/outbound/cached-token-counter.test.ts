import { Deadline } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { tenant } from '../../../tests/support/test-dialogue.ts';
import { FakeModelClient } from '../../ports/fake-model-client.ts';
import { CachedTokenCounter } from './cached-token-counter.ts';

const scope = { tenant: tenant(), deadline: Deadline.in(1_000), signal: new AbortController().signal };

describe('counted tokens', () => {
  it('are asked for once for each text and model', async () => {
    const model = new FakeModelClient();
    const tokens = new CachedTokenCounter(model);
    expect(await tokens.texts('a', ['one', 'three', 'one'], scope)).toEqual([3, 5, 3]);
    expect(await tokens.texts('a', ['three', 'four', 'one'], scope)).toEqual([5, 4, 3]);
    expect(await tokens.texts('b', ['one'], scope)).toEqual([3]);
    expect(model.questions.map(({ texts }) => texts)).toEqual([['one', 'three'], ['four'], ['one']]);
  });

  it('are not asked for where there is no text', async () => {
    const model = new FakeModelClient();
    expect(await new CachedTokenCounter(model).texts('a', [], scope)).toEqual([]);
    expect(model.questions).toEqual([]);
  });

  it('are forgotten when there are too many, the one that was not used for the longest first', async () => {
    const model = new FakeModelClient();
    const tokens = new CachedTokenCounter(model, 2);
    await tokens.texts('a', ['x', 'yy'], scope);
    await tokens.texts('a', ['x'], scope);
    await tokens.texts('a', ['zzz'], scope);
    await tokens.texts('a', ['x', 'yy'], scope);
    expect(model.questions.map(({ texts }) => texts)).toEqual([['x', 'yy'], ['zzz'], ['yy']]);
  });

  it('come whole even when one call asks for more than is remembered', async () => {
    const tokens = new CachedTokenCounter(new FakeModelClient(), 1);
    expect(await tokens.texts('a', ['x', 'yy', 'zzz'], scope)).toEqual([1, 2, 3]);
  });

  it('of the template are measured once for each model', async () => {
    const model = new FakeModelClient();
    const tokens = new CachedTokenCounter(model);
    expect(await tokens.overhead('a', scope)).toEqual({ conversation: 2, perMessage: 3 });
    expect(await tokens.overhead('a', scope)).toEqual({ conversation: 2, perMessage: 3 });
    expect(model.questions).toHaveLength(2);
    await tokens.overhead('b', scope);
    expect(model.questions).toHaveLength(4);
  });
});
