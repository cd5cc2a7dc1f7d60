import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheScope } from '../../../../../ports/cache-scope.ts';
import { TokenPrefix } from './token-prefix.ts';

const ada: CacheScope = { own: 'acme/ada', shared: '', sharedTokens: 0 };

function tokens(...counts: readonly (readonly [value: number, count: number])[]): Uint32Array {
  return Uint32Array.from(counts.flatMap(([value, count]) => Array.from({ length: count }, () => value)));
}

function common(a: CacheScope, b: CacheScope, left: Uint32Array, right = left): number {
  return TokenPrefix.of(a, left).commonWith(TokenPrefix.of(b, right));
}

describe('what two prompts may share', () => {
  it('is every equal token from the beginning, within a scope', () => {
    expect(common(ada, ada, tokens([1, 10], [2, 5]), tokens([1, 10], [3, 5]))).toBe(10);
    expect(common(ada, ada, tokens([1, 200]), tokens([1, 130]))).toBe(130);
    expect(common(ada, ada, tokens([1, 64], [2, 70]), tokens([1, 64], [2, 30], [9, 40]))).toBe(94);
    expect(common(ada, ada, tokens([2, 5]), tokens([1, 5]))).toBe(0);
  });

  it('is nothing between scopes, and nothing without one', () => {
    const eve = { ...ada, own: 'evil/eve' };
    expect(common(ada, eve, tokens([1, 500]))).toBe(0);
    expect(common({ ...ada, own: '' }, { ...ada, own: '' }, tokens([1, 500]))).toBe(0);
  });

  it('is whole blocks of what is shared under the same document', () => {
    const a = { own: 'acme/ada', shared: 'document-1', sharedTokens: 150 };
    const b = { own: 'other/bob', shared: 'document-1', sharedTokens: 150 };
    expect(common(a, b, tokens([1, 500]))).toBe(128);
    expect(common(a, { ...b, shared: 'document-2' }, tokens([1, 500]))).toBe(0);
    expect(common(a, { ...b, sharedTokens: 70 }, tokens([1, 500]))).toBe(64);
  });

  it('does not tell who writes a document out that its words are right', () => {
    const assistant = { own: 'acme/ada', shared: 'document-1', sharedTokens: 150 };
    expect(common(assistant, ada, tokens([1, 500]))).toBe(0);
  });

  it('never crosses a scope beyond what both share, whatever the prompts are', () => {
    const word = fc.constantFrom('', 'a', 'b', 'own\0a', 'shared\0a');
    const scope = fc.record({ own: word, shared: word, sharedTokens: fc.integer({ min: 0, max: 300 }) });
    const text = fc.array(fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 150 })), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(scope, scope, text, text, (left, right, one, other) => {
        const [a, b] = [tokens(...one), tokens(...other)];
        const found = common(left, right, a, b);
        const equal = a.findIndex((token, index) => token !== b[index]);
        expect(found).toBeLessThanOrEqual(equal === -1 ? a.length : equal);
        if (left.own !== right.own || left.own === '') {
          const isShared = left.shared === right.shared && left.shared !== '';
          expect(found).toBeLessThanOrEqual(isShared ? Math.min(left.sharedTokens, right.sharedTokens) : 0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
