import type { CacheScope } from '../../../../../ports/cache-scope.ts';

/** Nothing of it is ever reused. */
export const noScope: CacheScope = { own: '', shared: '', sharedTokens: 0 };

/** Tokens that are compared and hashed together. */
export const blockTokens = 64;

/**
 * The domain of a prompt's block: blocks that are wholly within the shared tokens belong to what they are shared under,
 * all others to the scope. Undefined: the block is nobody's.
 */
export function domainOf({ own, shared, sharedTokens }: CacheScope, block: number): string | undefined {
  const end = (block + 1) * blockTokens;
  if (shared !== '' && end <= sharedTokens) return `shared\0${shared}`;
  return own === '' ? undefined : `own\0${own}`;
}
