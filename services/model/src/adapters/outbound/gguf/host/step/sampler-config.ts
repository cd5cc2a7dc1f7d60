import { randomInt } from 'node:crypto';
import { ParleyError } from '@parley/kernel';
import type { SamplingSettings } from '../../../../../ports/engine.ts';
import type { NativeSamplerConfig } from '../load/llama-internals.ts';

/** llama.cpp's default window of the repeat penalty (`common_params_sampling.penalty_last_n`). */
const repeatWindow = 64;
const seedRange = 2 ** 32;

/** What the limits of sampling depend on. */
export interface SamplingLimits {
  readonly contextTokens: number;
  readonly vocabularySize: number;
}

/**
 * Settings as llama.cpp's sampler takes them.
 * @throws ParleyError `invalid_request` when a biased token is not in the vocabulary.
 */
export function samplerConfig(settings: SamplingSettings, limits: SamplingLimits): NativeSamplerConfig {
  return {
    temperature: settings.temperature,
    seed: settings.seed ?? randomInt(seedRange),
    ...(settings.topP === undefined || settings.topP >= 1 ? {} : { topP: settings.topP }),
    ...(settings.topK === undefined || settings.topK === 0 ? {} : { topK: settings.topK }),
    ...(settings.minP === undefined || settings.minP === 0 ? {} : { minP: settings.minP }),
    ...penalties(settings, limits.contextTokens),
    ...bias(settings, limits.vocabularySize),
  };
}

/** Frequency and presence look at the whole answer, as in the OpenAI API; the repeat penalty at its last tokens. */
function penalties(settings: SamplingSettings, contextTokens: number): Partial<NativeSamplerConfig> {
  const { frequencyPenalty = 0, presencePenalty = 0, repeatPenalty = 1 } = settings;
  if (frequencyPenalty === 0 && presencePenalty === 0 && repeatPenalty === 1) return {};
  return {
    repeatPenaltyTokens: new Uint32Array(0),
    repeatPenalty,
    repeatPenaltyMaxTokens: frequencyPenalty === 0 && presencePenalty === 0 ? repeatWindow : contextTokens,
    repeatPenaltyFrequencyPenalty: frequencyPenalty,
    repeatPenaltyPresencePenalty: presencePenalty,
  };
}

function bias({ logitBias = [] }: SamplingSettings, vocabularySize: number): Partial<NativeSamplerConfig> {
  if (logitBias.length === 0) return {};
  const outside = logitBias.find(([token]) => token >= vocabularySize);
  if (outside !== undefined) {
    const message = `Token ${outside[0]} is not in the model's vocabulary of ${vocabularySize}.`;
    throw new ParleyError('invalid_request', message, { param: 'sampling.logit_bias' });
  }
  return {
    tokenBiasKeys: Uint32Array.from(logitBias, ([token]) => token),
    tokenBiasValues: Float32Array.from(logitBias, ([, value]) => value),
  };
}
