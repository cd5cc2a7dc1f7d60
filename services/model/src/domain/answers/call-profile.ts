import type { SamplingSettings } from '../../ports/engine.ts';
import type { CallProfile } from '../models/model-definition.ts';

/** Sampling as a request asks for it: what is absent is left to the model's profile. */
export type RequestedSampling = Partial<SamplingSettings>;

/** Where the profile is silent too: lively, yet without the unlikely tail that small models stumble over. */
const defaults: SamplingSettings = { temperature: 0.7, topP: 0.95 };

/** The settings an answer is sampled with: the request's, else the profile's, else the defaults. */
export function effectiveSampling(requested: RequestedSampling, profile: CallProfile): SamplingSettings {
  return { ...defaults, ...profile.sampling, ...requested };
}

/** The stop strings of the request and of the profile, each once. */
export function effectiveStop(requested: readonly string[], profile: CallProfile): string[] {
  return [...new Set([...requested, ...profile.stop])];
}
