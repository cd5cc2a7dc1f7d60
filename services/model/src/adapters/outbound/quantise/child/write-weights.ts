import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { WriteOrder, WriteOutcome } from '../child-protocol.ts';
import { childMain } from './child-main.ts';
import { findLibrary, quantise } from './llama-library.ts';
import { WritingWords } from './writing-words.ts';

/** Writes weights in fewer bits, or only works out what they would come to. */
childMain(async (ordered, onShare): Promise<WriteOutcome> => {
  const order = ordered as WriteOrder;
  const words = new WritingWords(onShare);
  const threads = Math.max(1, availableParallelism() - 1);
  const isDone = await quantise(findLibrary(), { ...order, threads, onText: (text) => words.hear(text) });
  if (isDone && !order.planOnly) await sync(order.target);
  const { bytes, sourceBytes, formats } = words;
  return { bytes, sourceBytes, formats, ...(isDone ? {} : { fault: words.fault }) };
});

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
