import type { QueueLimits, SamplingSettings, ToolCallFormat } from '../../ports/engine.ts';
import type { GpuSettings, WantedWeights } from '../../ports/model-files.ts';

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
  /** Absent: as the model's template shows. */
  readonly toolCalls?: ToolCallFormat;
  /** `think-tags`: what it writes between `<think>` and `</think>` at the beginning is no part of the answer. */
  readonly reasoning?: 'think-tags' | 'none';
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

/** When a model comes into memory, and when it leaves. */
export interface LoadPolicy {
  /** `never`: only by order, or because an alias points to it. `first-use`: when the first caller asks for it. */
  readonly when: 'start' | 'first-use' | 'never';
  /** Absent: it stays until an order ends it. Else it leaves when nobody has used it for so long. */
  readonly unload?: { readonly idleMs: number };
  /** Whether its weights are a mapped file; absent: as the engine thinks best. */
  readonly mmap?: boolean;
}

/** What a document says of its weights, which is compared with what is found. */
export interface ExpectedWeights extends Pick<WantedWeights, 'shards' | 'precision'> {
  /** The family that the architecture must belong to: `llama`. */
  readonly family?: string;
  /** Where the document says these things, for messages: `models/llama.yaml:5: model.shards`. */
  readonly places: Readonly<Partial<Record<'path' | 'shards' | 'precision' | 'family', string>>>;
}

/** A model's origin in another model, whose weights it has in fewer bits. */
export interface ModelLineage {
  readonly from: string;
  /** sha256 of the source's weights. */
  readonly fromSha256: string;
  /** How its weights are written: `q4_k_m`. */
  readonly format: string;
  /** Whether it passed its quality gate: only then it may answer to the source's name. */
  readonly passed: boolean;
  /** The share of the source's quality that it keeps, 0 to 1; absent when it could not be measured. */
  readonly kept?: number;
  /** The verdict in words. */
  readonly verdict: string;
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
  readonly expected?: ExpectedWeights;
  /** What graphics cards take of it. */
  readonly gpu?: GpuSettings & {
    /** Bytes on all cards together at most; fewer layers go there, so that it holds. */
    readonly memoryBytes?: number;
  };
  /** What the sha256 of the weights must be. Of a model without weights it is the digest itself. */
  readonly sha256?: string;
  /** The same for each part of a split file, in their order. */
  readonly partSha256?: readonly string[];
  /** What an engine without weights is set to. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What it was made from; absent for a model that is as its maker published it. */
  readonly lineage?: ModelLineage;
  readonly aliases: readonly string[];
  readonly contextTokens: number;
  /** The document names no context: a model that was trained with less gets what it was trained with. */
  readonly contextAtMost?: boolean;
  readonly slots: number;
  readonly maxQueued: number;
  /** What else limits those who wait. */
  readonly queue?: QueueLimits;
  readonly profile: CallProfile;
  readonly terms: ModelTerms;
  readonly load: LoadPolicy;
  /** Absent for a model that no document of the configuration describes. */
  readonly document?: DefiningDocument;
}
