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
}

/** Which models there are. */
export interface Models {
  /** @throws ParleyError `unavailable` when no model instance answers */
  list(call: Call): Promise<readonly ListedModel[]>;
}
