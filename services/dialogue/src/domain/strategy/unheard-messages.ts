import { sleep } from '@parley/kernel';
import { textOf } from '../turn/turn.ts';
import type { Conversation, JsonValue } from './strategy.ts';

/** Of what users have said, one turn listens to at most this; the newest counts. */
const mostCharacters = 100_000;

/** So long one turn may keep all others waiting. */
const mostMs = 10;

/** The messages of the user that a strategy has not heard yet. */
export interface UnheardMessages {
  /** Oldest first. */
  readonly texts: readonly string[];
  /** Whether the first of them is the first of the whole conversation. */
  readonly fromTheStart: boolean;
}

/** @param state what the strategy keeps; undefined: it has heard nothing of the conversation yet. */
export function unheardMessages(
  { before, input }: Conversation,
  state: JsonValue | undefined,
): UnheardMessages {
  const isFirstTurn = !before.some(({ role }) => role === 'user');
  const items = state === undefined ? [...before, ...input] : input;
  const texts = items.filter(({ role }) => role === 'user').map(textOf);
  let characters = 0;
  const tooOld = texts.findLastIndex((text, index) => {
    characters += text.length;
    // What is said now is heard in any case.
    return characters > mostCharacters && index < texts.length - 1;
  });
  return {
    texts: texts.slice(tooOld + 1),
    fromTheStart: tooOld === -1 && (state === undefined || isFirstTurn),
  };
}

/** Calls `hear` for each text, and lets other turns run in between when there is much to hear. */
export async function hearEach(
  texts: readonly string[],
  hear: (text: string, index: number) => void,
): Promise<void> {
  let since = performance.now();
  for (const [index, text] of texts.entries()) {
    if (performance.now() - since > mostMs) {
      await sleep(0);
      since = performance.now();
    }
    hear(text, index);
  }
}
