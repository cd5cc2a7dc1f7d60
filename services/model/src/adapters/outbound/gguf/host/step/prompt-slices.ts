/** A prompt that is being read. Given in order of admission. */
export interface UnreadPrompt {
  readonly unreadTokens: number;
}

/**
 * llama.cpp computes attention on a CPU in tiles of 64 tokens of a prompt, and a smaller slice costs a fifth more for
 * each (measured on SmolLM2). One token of a slice goes with those of the answers, before its tile.
 */
export const tileTokens = 65;
/** In one step of so many the oldest prompt comes first. */
const oldestEvery = 4;

/**
 * How many tokens of each prompt a step reads, `budget` at most. The shortest is read first, which gives the earliest
 * first tokens; in every fourth step the oldest, so that none waits forever. As few prompts share a step as may be: each
 * of another length costs a pass of its own over the weights. So a further one is read to its end, or by a whole tile, or
 * not at all.
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
    const isFirst = left === budget;
    if (!isFirst && left < Math.min(unread(index), tileTokens)) break;
    const amount = Math.min(unread(index), left);
    slices[index] = amount;
    left -= amount;
  }
  return slices;
}
