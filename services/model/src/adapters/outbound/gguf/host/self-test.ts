import { ParleyError } from '@parley/kernel';
import type { LlamaInternals } from './llama-internals.ts';
import type { DisposableSampler } from './native-batch.ts';
import type { StepBatch } from './step-batch.ts';

/** How many tokens are made in each of how many rounds. */
export interface TestExtent {
  readonly rounds: 1 | 2;
  readonly tokens: number;
}

/**
 * Reads a short prompt in two slices and makes some tokens. Two rounds show that decoding, sampling and forgetting
 * work on this machine with this file; one round reads the weights before anybody waits for them.
 * @throws ParleyError `engine_failed`, not retryable.
 */
export async function selfTest(
  batch: StepBatch<DisposableSampler>,
  internals: LlamaInternals,
  vocabularySize: number,
  { rounds, tokens }: TestExtent,
): Promise<void> {
  const prompt = internals.model.tokenize('Hello there', false);
  if (prompt.length < 2) throw failed('its tokenizer makes too few tokens of a greeting');
  const first = await makeTokens(batch, internals, prompt, tokens);
  const second = rounds === 1 ? first : await makeTokens(batch, internals, prompt, tokens);
  for (const token of [...first, ...second]) {
    if (!Number.isInteger(token) || token < 0 || token >= vocabularySize)
      throw failed(`it answers token ${token}`);
  }
  if (first.join() !== second.join()) throw failed('it does not forget one answer before the next');
}

async function makeTokens(
  batch: StepBatch<DisposableSampler>,
  internals: LlamaInternals,
  prompt: Uint32Array,
  count: number,
): Promise<number[]> {
  const native = internals.newSampler();
  using sampler: DisposableSampler = { native, [Symbol.dispose]: () => native.dispose() };
  try {
    native.applyConfig({ temperature: 0, seed: 0 });
    await batch.run([{ sequence: 0, position: 0, tokens: prompt.subarray(0, 1), sampler: undefined }]);
    const tokens: number[] = [];
    let position = 1;
    let next = prompt.subarray(1);
    while (tokens.length < count) {
      const [token] = await batch.run([{ sequence: 0, position, tokens: next, sampler }]);
      if (typeof token !== 'number')
        throw failed(token instanceof Error ? token.message : 'it gives no token');
      tokens.push(token);
      position += next.length;
      next = Uint32Array.of(token);
    }
    return tokens;
  } finally {
    batch.clear(0);
  }
}

function failed(what: string): ParleyError {
  return new ParleyError('engine_failed', `The model failed the engine's self-test: ${what}.`, {
    retryable: false,
  });
}
