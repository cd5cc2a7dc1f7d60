import type { Call } from './call.ts';

/** A model the fleet knows. */
export interface ListedModel {
  readonly name: string;
  readonly digest: string;
  readonly aliases: readonly string[];
  readonly state: 'registered' | 'loading' | 'ready' | 'draining' | 'failed';
  readonly engine: string;
  readonly contextTokens: number;
  readonly createdAtMs: number;
  readonly license: string;
  readonly description: string;
  /** Why it is not ready; '' otherwise. */
  readonly reason: string;
}

/** Which models there are. */
export interface Models {
  /** @throws ParleyError `unavailable` when no model instance answers */
  list(call: Call): Promise<readonly ListedModel[]>;
}
