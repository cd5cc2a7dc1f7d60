/** What an instance says about itself. */
export interface Description {
  readonly service: string;
  readonly instanceId: string;
  readonly version: string;
  readonly residentMemoryBytes: number;
  readonly ready: boolean;
  readonly checks: readonly ReadinessCheck[];
}

interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly reason: string;
}

/** The outcome of asking one address once. */
export type Observation =
  | { readonly kind: 'answered'; readonly description: Description }
  /** It holds the connection, or lets it be tried, but does not answer in time. */
  | { readonly kind: 'silent'; readonly reason: string }
  /** It answers with an error instead of a description. */
  | { readonly kind: 'faulty'; readonly reason: string }
  /** Nobody listens there. */
  | { readonly kind: 'refused'; readonly reason: string };
