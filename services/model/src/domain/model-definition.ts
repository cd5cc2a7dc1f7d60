import type { SamplingSettings } from '../ports/engine.ts';

/** Sampling where an answer's request may be silent. */
export type PartialSampling = Partial<Omit<SamplingSettings, 'seed' | 'logitBias'>>;

/** How a model is called best; it applies where assistant and request are silent. */
export interface CallProfile {
  readonly sampling: PartialSampling;
  /** Ends every answer, beside what the request names. */
  readonly stop: readonly string[];
  /** A Jinja chat template in place of the model's own. */
  readonly template?: string;
  /** Whether the model's template takes system messages. */
  readonly systemRole: boolean;
}

/** The conditions under which a model may be used. */
interface ModelTerms {
  /** SPDX identifier or free text; '' when nothing is said. */
  readonly license: string;
}

/** A model as its document describes it. */
export interface ModelDefinition {
  readonly name: string;
  readonly version: string;
  /** One sentence for people. */
  readonly description: string;
  /** The engine that runs it. */
  readonly engine: string;
  /** Absolute path of the weights. */
  readonly path: string;
  readonly aliases: readonly string[];
  readonly contextTokens: number;
  readonly slots: number;
  readonly maxQueued: number;
  readonly profile: CallProfile;
  readonly terms: ModelTerms;
}
