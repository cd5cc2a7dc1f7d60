import { randomInt } from 'node:crypto';
import { ParleyError } from '@parley/kernel';
import type { SamplingSettings } from '../../../../ports/engine.ts';
import type { TokenSampler } from '../../gguf/host/step/step-batch.ts';
import { Random } from '../../simulated/random.ts';

/** As in the gguf engine: the repeat penalty looks at the last tokens of the answer, the others at all of it. */
const repeatWindow = 64;
const seedRange = 2 ** 32;

interface Candidate {
  readonly token: number;
  readonly logit: number;
}

/**
 * Chooses the tokens of one answer, in the order of llama.cpp's samplers: bias, penalties, top-k, top-p, min-p,
 * temperature, draw.
 */
export class TokenChoice implements TokenSampler {
  readonly #settings: SamplingSettings;
  readonly #random: Random;
  readonly #answer: number[] = [];

  /** @throws ParleyError `invalid_request` when a biased token is not in the vocabulary. */
  constructor(settings: SamplingSettings, vocabularySize: number) {
    this.#settings = settings;
    this.#random = new Random(settings.seed ?? randomInt(seedRange));
    const outside = settings.logitBias?.find(([token]) => token >= vocabularySize);
    if (outside === undefined) return;
    const message = `Token ${outside[0]} is not in the model's vocabulary of ${vocabularySize}.`;
    throw new ParleyError('invalid_request', message, { param: 'sampling.logit_bias' });
  }

  /** @param logits of all tokens; they are changed. @throws Error when none of them is a number. */
  choose(logits: Float32Array): number {
    for (const [token, bias] of this.#settings.logitBias ?? []) logits[token] = (logits[token] ?? 0) + bias;
    this.#penalise(logits);
    const token = this.#settings.temperature <= 0 ? likeliest(logits) : this.#draw(logits);
    if (token === undefined) throw new Error('no token is possible here');
    this.#answer.push(token);
    return token;
  }

  [Symbol.dispose](): void {
    this.#answer.length = 0;
  }

  #penalise(logits: Float32Array): void {
    const { frequencyPenalty = 0, presencePenalty = 0, repeatPenalty = 1 } = this.#settings;
    if (frequencyPenalty === 0 && presencePenalty === 0 && repeatPenalty === 1) return;
    const isRepeatAlone = frequencyPenalty === 0 && presencePenalty === 0;
    const counts = new Map<number, number>();
    for (const token of isRepeatAlone ? this.#answer.slice(-repeatWindow) : this.#answer)
      counts.set(token, (counts.get(token) ?? 0) + 1);
    for (const [token, count] of counts) {
      const logit = logits[token] ?? 0;
      const repeated = logit > 0 ? logit / repeatPenalty : logit * repeatPenalty;
      logits[token] = repeated - count * frequencyPenalty - presencePenalty;
    }
  }

  #draw(logits: Float32Array): number | undefined {
    const { temperature, topK = 0, topP = 1, minP = 0 } = this.#settings;
    const best = likeliest(logits);
    const top = best === undefined ? 0 : (logits[best] ?? 0);
    // What has less than one in 2^32 of the likeliest one's weight can hardly be drawn from 32 bits.
    const least = top + Math.max(Math.log(minP), -Math.log(seedRange) * Math.max(1, temperature));
    let candidates = candidatesOf(logits, least);
    if (topK > 0 || topP < 1) candidates.sort((a, b) => b.logit - a.logit || a.token - b.token);
    if (topK > 0) candidates = candidates.slice(0, topK);
    if (topP < 1) candidates = nucleus(candidates, topP);
    const weights = candidates.map(({ logit }) => Math.exp((logit - top) / temperature));
    let left = this.#random.next() * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, weight] of weights.entries()) {
      left -= weight;
      if (left < 0) return candidates[index]?.token;
    }
    return candidates.at(-1)?.token;
  }
}

function candidatesOf(logits: Float32Array, least: number): Candidate[] {
  const candidates: Candidate[] = [];
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token] ?? Number.NaN;
    if (logit >= least) candidates.push({ token, logit });
  }
  return candidates;
}

/** The likeliest tokens that have `topP` of the probability together; one at least. */
function nucleus(candidates: readonly Candidate[], topP: number): Candidate[] {
  const top = candidates[0]?.logit ?? 0;
  const total = candidates.reduce((sum, { logit }) => sum + Math.exp(logit - top), 0);
  let share = 0;
  const last = candidates.findIndex(({ logit }) => (share += Math.exp(logit - top) / total) >= topP);
  return candidates.slice(0, last === -1 ? candidates.length : last + 1);
}

/** Of equals the first; undefined when none is a number. */
function likeliest(logits: Float32Array): number | undefined {
  let best: number | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token] ?? Number.NaN;
    if (logit > most) {
      most = logit;
      best = token;
    }
  }
  return best;
}
