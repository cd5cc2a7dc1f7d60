import { ParleyError } from '@parley/kernel';
import type { OnnxBatch } from './onnx-batch.ts';
import type { OnnxVocabulary } from './onnx-vocabulary.ts';
import { TokenChoice } from './token-choice.ts';

const tokensPerRound = 3;

/**
 * Reads a short prompt in two slices and makes some tokens. Two rounds show that past keys and values are taken up and
 * forgotten; one round reads the weights before anybody waits for them.
 * @throws ParleyError `engine_failed`, not retryable.
 */
export async function tryAnswers(batch: OnnxBatch, vocabulary: OnnxVocabulary, rounds: 1 | 2): Promise<void> {
  const prompt = Uint32Array.from(vocabulary.tokenize('Hello there'));
  if (prompt.length < 2) throw failed('its tokenizer makes too few tokens of a greeting');
  const first = await makeTokens(batch, vocabulary, prompt);
  const second = rounds === 1 ? first : await makeTokens(batch, vocabulary, prompt);
  if (first.join() !== second.join()) throw failed('it does not forget one answer before the next');
}

async function makeTokens(
  batch: OnnxBatch,
  vocabulary: OnnxVocabulary,
  prompt: Uint32Array,
): Promise<number[]> {
  using sampler = new TokenChoice({ temperature: 0 }, vocabulary.size);
  try {
    await batch.run([{ sequence: 0, position: 0, tokens: prompt.subarray(0, 1), sampler: undefined }]);
    const made: number[] = [];
    let position = 1;
    let tokens = prompt.subarray(1);
    while (made.length < tokensPerRound) {
      const [token] = await batch.run([{ sequence: 0, position, tokens, sampler }]);
      if (typeof token !== 'number')
        throw failed(token instanceof Error ? token.message : 'it gives no token');
      made.push(token);
      position += tokens.length;
      tokens = Uint32Array.of(token);
    }
    return made;
  } finally {
    batch.clear(0);
  }
}

function failed(what: string): ParleyError {
  return new ParleyError('engine_failed', `The model failed the engine's self-test: ${what}.`, {
    retryable: false,
  });
}
