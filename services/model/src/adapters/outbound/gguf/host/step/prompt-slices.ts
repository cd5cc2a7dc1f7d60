/** A prompt that is being read. Given in order of admission. */
export interface UnreadPrompt {
  readonly unreadTokens: number;
}

/** In one step of so many the oldest prompt comes first. */
const oldestEvery = 4;

/**
 * How many tokens of each prompt a step reads, `budget` in all. The shortest is read first, which gives the earliest
 * first tokens; in every fourth step the oldest, so that none waits forever. As few prompts share a step as may be: each
 * of another length costs a pass of its own over the weights.
 * @param step its number, counted from 0
 */
export function slicePrompts(prompts: readonly UnreadPrompt[], budget: number, step: number): number[] {
  const slices = prompts.map(() => 0);
  const order = prompts.map((_, index) => index);
  const unread = (index: number): number => prompts[index]?.unreadTokens ?? 0;
  order.sort((a, b) => unread(a) - unread(b) || a - b);
  if (step % oldestEvery === oldestEvery - 1) {
    order.splice(order.indexOf(0), 1);
    order.unshift(0);
  }
  let left = budget;
  for (const index of order) {
    if (left === 0) break;
    const amount = Math.min(unread(index), left);
    slices[index] = amount;
    left -= amount;
  }
  return slices;
}
