const dayMs = 24 * 60 * 60 * 1000;

/** Days that events are kept; 0 = for ever. */
export interface RetentionPolicy {
  /** Of all tenants that are not named. */
  readonly days: number;
  /** Tenant -> its days. */
  readonly tenants: ReadonlyMap<string, number>;
}

/** Times before which rows are to go, in milliseconds since 1970; 0 = none are. */
export interface Cutoffs {
  /** Of all tenants that are not named. */
  readonly others: number;
  readonly tenants: ReadonlyMap<string, number>;
}

/** Whether nothing is ever removed. */
export function keepsEverything({ days, tenants }: RetentionPolicy): boolean {
  return days === 0 && [...tenants.values()].every((own) => own === 0);
}

/** What a policy means at a time. */
export function cutoffsAt({ days, tenants }: RetentionPolicy, nowMs: number): Cutoffs {
  const cutoff = (kept: number): number => (kept === 0 ? 0 : nowMs - kept * dayMs);
  return {
    others: cutoff(days),
    tenants: new Map([...tenants].map(([tenant, own]) => [tenant, cutoff(own)])),
  };
}
