import type { Call } from './call.ts';

/** A model the fleet knows. */
export interface ListedModel {
  readonly name: string;
  readonly digest: string;
  readonly aliases: readonly string[];
  readonly state: 'registered' | 'loading' | 'ready' | 'draining' | 'failed';
  readonly engine: string;
  readonly contextTokens: number;
  /** Answers that may run at once, and those that do. */
  readonly slots: number;
  readonly busySlots: number;
  readonly fileBytes: number;
  readonly createdAtMs: number;
  readonly license: string;
  /** Where its terms can be read; '' when not known. */
  readonly termsUrl: string;
  /** Whether the terms allow commercial use; undefined when not known. */
  readonly commercialUse: boolean | undefined;
  readonly description: string;
  /** Why it is not ready; '' otherwise. */
  readonly reason: string;
  /** Of which model's weights these are a smaller form; undefined where it is as its maker published it. */
  readonly lineage: ModelLineage | undefined;
}

/** A model's origin in another model, whose weights it has in fewer bits. */
export interface ModelLineage {
  readonly source: string;
  /** sha256 of the source's weights. */
  readonly sourceDigest: string;
  /** `q4_k_m` */
  readonly format: string;
  /** Whether it passed its quality gate. */
  readonly passed: boolean;
  /** Share of the source's quality that it keeps; undefined when it could not be measured. */
  readonly kept: number | undefined;
  /** The verdict in words. */
  readonly verdict: string;
}

/** Which models there are. */
export interface Models {
  /** @throws ParleyError `unavailable` when no model instance answers */
  list(call: Call): Promise<readonly ListedModel[]>;
}
