import type { TokenPrefix } from './token-prefix.ts';

/** Beginnings of prompts that outlive a context. */
export interface KeptBeginnings {
  /**
   * Fills a sequence with the longest beginning of a prompt that is kept, if that is worth it. Never while a batch runs.
   * @param known how many tokens of the prompt are there without it
   * @returns how many tokens of the prompt the sequence now begins with, one less than all at most; 0: it is as it was
   * @throws Error when nothing is certain of the sequence any more
   */
  restore(sequence: number, prompt: TokenPrefix, known: number): Promise<number>;
}
