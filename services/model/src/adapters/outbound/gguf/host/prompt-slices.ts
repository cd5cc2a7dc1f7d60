/** A prompt that is being read. Given in order of admission. */
export interface UnreadPrompt {
  readonly unreadTokens: number;
}

/**
 * How many tokens of each prompt the next step reads, `budget` in all. The oldest prompt gets at least a quarter,
 * so that none waits forever; the rest goes to the shortest first, which gives the earliest first tokens.
 */
export function slicePrompts(prompts: readonly UnreadPrompt[], budget: number): number[] {
  const slices = prompts.map(() => 0);
  let left = budget;
  const give = (index: number, atMost: number): void => {
    const unread = (prompts[index]?.unreadTokens ?? 0) - (slices[index] ?? 0);
    const amount = Math.min(unread, atMost, left);
    slices[index] = (slices[index] ?? 0) + amount;
    left -= amount;
  };
  if (prompts.length > 0) give(0, Math.ceil(budget / 4));
  const shortestFirst = prompts.map((_, index) => index);
  shortestFirst.sort((a, b) => (prompts[a]?.unreadTokens ?? 0) - (prompts[b]?.unreadTokens ?? 0) || a - b);
  for (const index of shortestFirst) {
    if (left === 0) break;
    give(index, left);
  }
  return slices;
}
