import type { inference } from '@parley/contracts';

/** What an answer was, once it has ended. */
export interface Heard {
  readonly text: string;
  readonly tokenIds: readonly number[];
  readonly started: inference.GenerateStarted | undefined;
  readonly finished: inference.GenerateFinished | undefined;
  readonly messages: number;
}

/** Listens to an answer to its end. @throws what the answer fails with. */
export async function heard(updates: AsyncIterable<inference.GenerateUpdate>): Promise<Heard> {
  let text = '';
  let started: inference.GenerateStarted | undefined;
  let finished: inference.GenerateFinished | undefined;
  let messages = 0;
  const tokenIds: number[] = [];
  for await (const { update } of updates) {
    messages++;
    if (update?.$case === 'started') started = update.started;
    if (update?.$case === 'chunk') {
      text += update.chunk.text;
      tokenIds.push(...update.chunk.tokenIds);
    }
    if (update?.$case === 'finished') finished = update.finished;
  }
  return { text, tokenIds, started, finished, messages };
}
