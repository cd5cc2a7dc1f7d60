import type { Assistant } from '../assistant/assistant.ts';
import { instructionsOf } from '../assistant/assistant.ts';

/** Who may reuse what a prompt leaves in a model's memory. */
export interface PromptCache {
  /** Prompts of one scope share all that they have in common. Both scopes leave this service as digests only. */
  readonly scope: string;
  /** Whose the first tokens are, whatever the scope; '' = nobody's. */
  readonly sharedScope: string;
  readonly sharedTokens: number;
}

/** Fewer bytes are fewer tokens than models share. */
const leastSharedBytes = 64;

/**
 * The words of an assistant that a prompt's instructions begin with, which every user of it may share. They are counted
 * by themselves: in the prompt something stands before them, so that they reach further than that, never less far.
 * @param instructions as the model reads them
 */
export async function sharedStart(
  assistant: Assistant | undefined,
  { instructions, locales }: { instructions: string; locales: readonly string[] },
  count: (texts: readonly string[]) => Promise<readonly number[]>,
): Promise<Omit<PromptCache, 'scope'>> {
  if (assistant === undefined) return nothing;
  const words = instructionsOf(assistant, '', locales);
  if (Buffer.byteLength(words) < leastSharedBytes || !instructions.startsWith(words)) return nothing;
  const [tokens = 0] = await count([words]).catch(() => []);
  return {
    sharedScope: JSON.stringify(['assistant', assistant.name, assistant.version, words]),
    sharedTokens: tokens,
  };
}

const nothing = { sharedScope: '', sharedTokens: 0 } as const;
