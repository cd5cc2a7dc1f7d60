import type { Item } from '../../turn/turn.ts';

/** What is said together and stays together: a user's messages and all that follows until the user speaks again. */
export interface Exchange<T> {
  readonly items: readonly T[];
}

/** A conversation as a window sees it. */
export interface Exchanges<T> {
  /** Messages of the system or developer: the caller's own instructions, always kept. */
  readonly pinned: readonly T[];
  /** Oldest first. */
  readonly exchanges: readonly Exchange<T>[];
}

/** Parts a conversation at each point where the user speaks after somebody else. */
export function exchangesOf<T extends Pick<Item, 'role'>>(items: readonly T[]): Exchanges<T> {
  const pinned = items.filter(isPinned);
  const exchanges: { items: T[] }[] = [];
  let userSpeaks = false;
  for (const item of items.filter((one) => !isPinned(one))) {
    const opens = item.role === 'user' && !userSpeaks;
    const current = exchanges.at(-1);
    if (opens || current === undefined) exchanges.push({ items: [item] });
    else current.items.push(item);
    userSpeaks = item.role === 'user';
  }
  return { pinned, exchanges };
}

function isPinned({ role }: Pick<Item, 'role'>): boolean {
  return role === 'system' || role === 'developer';
}

/** The limits of a window. */
export interface WindowLimits {
  /** Tokens for everything but what is pinned. */
  readonly tokens: number;
  /** Exchanges, the newest included. */
  readonly exchanges: number;
}

/**
 * How many of the newest exchanges fit. Whole ones only, without a gap, and always the newest: that is what the user
 * says now, and cutting it would answer another question.
 * @param newestFirst tokens of each exchange; it is read only as far as the limits reach.
 */
export async function newestThatFit(
  newestFirst: AsyncIterable<number> | Iterable<number>,
  limits: WindowLimits,
): Promise<number> {
  let tokens = 0;
  let fitting = 0;
  for await (const cost of newestFirst) {
    tokens += cost;
    if (fitting > 0 && (tokens > limits.tokens || fitting >= limits.exchanges)) break;
    fitting++;
  }
  return fitting;
}
