import type { SamplingSettings } from '../ports/engine.ts';

/** Sampling where an answer's request may be silent. */
type PartialSampling = Partial<Omit<SamplingSettings, 'seed' | 'logitBias'>>;

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
  /** Where they can be read. */
  readonly url?: string;
  /** Absent when it is not known. */
  readonly commercialUse?: boolean;
}

/** The document that a definition was read from. */
interface DefiningDocument {
  /** sha256 of its text. */
  readonly digest: string;
  /** Relative to the configuration folder. */
  readonly file: string;
}

/** A model as its document, or the catalogue it was pulled by, describes it. */
export interface ModelDefinition {
  readonly name: string;
  readonly version: string;
  /** One sentence for people. */
  readonly description: string;
  /** The engine that runs it. */
  readonly engine: string;
  /** Absolute path of the weights; '' for an engine that needs none. */
  readonly path: string;
  /** What the sha256 of the weights must be. Of a model without weights it is the digest itself. */
  readonly sha256?: string;
  /** What an engine without weights is set to. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly aliases: readonly string[];
  readonly contextTokens: number;
  readonly slots: number;
  readonly maxQueued: number;
  readonly profile: CallProfile;
  readonly terms: ModelTerms;
  /** `never`: only by order, or because an alias points to it. */
  readonly load: { readonly when: 'start' | 'never' };
  /** Absent for a model that no document of the configuration describes. */
  readonly document?: DefiningDocument;
}
