import { ParleyError } from '@parley/kernel';
import type { LlamaInternals } from './llama-internals.ts';
import type { DisposableSampler, NativeBatch } from '../step/native-batch.ts';

/** How many tokens are made in each of how many rounds. */
export interface TestExtent {
  readonly rounds: 1 | 2;
  readonly tokens: number;
}

/** The size of what is tested. */
interface TestedContext {
  readonly vocabularySize: number;
  readonly sequences: number;
}

/** One try: in which sequence, and whether the prompt's first token is there already. */
interface Round {
  readonly sequence: number;
  readonly goesOn: boolean;
  /** Else the prompt is read at once. */
  readonly inSlices: boolean;
}

/**
 * Reads a short prompt and makes some tokens. More rounds, with the prompt in two slices, show that decoding, sampling, forgetting and
 * going on from what another answer has read work on this machine with this file; one round reads the weights before
 * anybody waits for them.
 * @throws ParleyError `engine_failed`, not retryable.
 */
export async function selfTest(
  batch: NativeBatch,
  internals: LlamaInternals,
  { vocabularySize, sequences }: TestedContext,
  { rounds, tokens }: TestExtent,
): Promise<void> {
  const prompt = internals.model.tokenize('Hello there', false);
  if (prompt.length < 2) throw failed('its tokenizer makes too few tokens of a greeting');
  const run = (round: Round): Promise<number[]> => makeTokens(batch, internals, prompt, tokens, round);
  try {
    const inSlices = rounds > 1;
    const first = await run({ sequence: 0, goesOn: false, inSlices });
    const others: number[][] = [];
    if (rounds > 1) {
      if (batch.reuse?.cut(0, 1) === false) throw failed('it does not take back the end of an answer');
      others.push(await run({ sequence: 0, goesOn: batch.reuse !== undefined, inSlices }));
    }
    if (rounds > 1 && batch.reuse !== undefined && sequences > 1) {
      await batch.reuse.copy(0, 1);
      batch.reuse.cut(1, 1);
      others.push(await run({ sequence: 1, goesOn: true, inSlices }));
    }
    for (const token of [first, ...others].flat()) {
      if (!Number.isInteger(token) || token < 0 || token >= vocabularySize)
        throw failed(`it answers token ${token}`);
    }
    if (others.some((other) => other.join() !== first.join()))
      throw failed('it does not forget one answer before the next');
  } finally {
    batch.clear(0);
    if (sequences > 1) batch.clear(1);
  }
}

async function makeTokens(
  batch: NativeBatch,
  internals: LlamaInternals,
  prompt: Uint32Array,
  count: number,
  { sequence, goesOn, inSlices }: Round,
): Promise<number[]> {
  const native = internals.newSampler();
  using sampler: DisposableSampler = { native, [Symbol.dispose]: () => native.dispose() };
  native.applyConfig({ temperature: 0, seed: 0 });
  if (!goesOn) batch.clear(sequence);
  if (!goesOn && inSlices) {
    await batch.run([{ sequence, position: 0, tokens: prompt.subarray(0, 1), sampler: undefined }]);
  }
  const tokens: number[] = [];
  let position = goesOn || inSlices ? 1 : 0;
  let next = prompt.subarray(position);
  while (tokens.length < count) {
    const [token] = await batch.run([{ sequence, position, tokens: next, sampler }]);
    if (typeof token !== 'number') throw failed(token instanceof Error ? token.message : 'it gives no token');
    tokens.push(token);
    position += next.length;
    next = Uint32Array.of(token);
  }
  return tokens;
}

function failed(what: string): ParleyError {
  return new ParleyError('engine_failed', `The model failed the engine's self-test: ${what}.`, {
    retryable: false,
  });
}
