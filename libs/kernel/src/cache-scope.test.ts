import { describe, expect, it } from 'vitest';
import { cacheScopeOf, opaqueScope } from './cache-scope.ts';

describe('a cache scope', () => {
  it('is its own for each end user of each tenant', () => {
    const scopes = [
      { tenant: 'acme', endUser: 'ada' },
      { tenant: 'acme', endUser: 'bob' },
      { tenant: 'other', endUser: 'ada' },
      { tenant: 'acme\0ada', endUser: '' },
    ].map(cacheScopeOf);
    expect(new Set(scopes).size).toBe(4);
    expect(scopes[0]).toBe(cacheScopeOf({ tenant: 'acme', endUser: 'ada' }));
  });

  it('names nobody to a model', () => {
    const opaque = opaqueScope(cacheScopeOf({ tenant: 'acme', endUser: 'ada' }));
    expect(opaque).toMatch(/^[\w-]{43}$/);
    expect(opaqueScope('')).toBe('');
  });
});
