import type { ModelDefinition } from '../../domain/models/model-definition.ts';
import type { QualityVerdict } from '../../domain/quantise/quality-gate.ts';

/** What is known of a quantised file of the cache, kept beside it. */
export interface QuantisedRecord {
  /** The model's name, and its file in the cache. */
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly format: string;
  readonly source: { readonly name: string; readonly sha256: string };
  /** What made it. */
  readonly tool: string;
  /** ISO 8601. */
  readonly madeAt: string;
  readonly verdict: Pick<QualityVerdict, 'passed' | 'reason'> & { readonly kept?: number };
  /** How the source was served when it was made; so is the result. */
  readonly served: Pick<
    ModelDefinition,
    'version' | 'contextTokens' | 'contextAtMost' | 'slots' | 'maxQueued' | 'profile' | 'terms'
  >;
}

/** The records of the model cache. */
export interface QuantisedRecords {
  /** @throws CacheFault */
  put(record: QuantisedRecord): Promise<void>;
  /** Those that can be read, in order of name. */
  list(): Promise<QuantisedRecord[]>;
}
