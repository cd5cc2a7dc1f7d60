/** One turn that a client offered. Times in milliseconds, all by one clock. */
export interface Offer {
  readonly atMs: number;
  readonly answeredAtMs: number;
  readonly accepted: boolean;
  /** Why not; '' of an accepted one. */
  readonly reason: string;
  /** Whether the first request broke off without an answer and was sent again with the same `Idempotency-Key`. */
  readonly repeated: boolean;
}

/** When a fault began and when its cause was gone, by the clock of the offers. */
export interface Outage {
  readonly struckAtMs: number;
  readonly overAtMs: number;
  /**
   * Whether the fleet must take turns all the while, because another instance stands in for the victim or because it
   * can do without. Else turns may be refused until the cause is gone and the fleet has recovered.
   */
  readonly covered: boolean;
}

/** How a fleet took turns from a fault on. */
export interface Acceptance {
  /** Turns that count: offered from the fault on, or, where refusing is allowed, from the recovery on. */
  readonly offered: number;
  readonly accepted: number;
  readonly repeated: number;
  /**
   * From the fault (not covered: from the end of its cause) until the first of ten turns in a row was taken, in
   * milliseconds. Infinite when there were no ten.
   */
  readonly recoveryMs: number;
  /** The longest that a turn waited until it was accepted, in milliseconds; 0 when none was. */
  readonly slowestMs: number;
  /** How often which reason was given, of the offers that count. */
  readonly refusals: ReadonlyMap<string, number>;
}

/** The least share of the turns offered that must be accepted. */
export const leastAccepted = 0.99;
/** The longest recovery, in milliseconds. */
export const longestRecoveryMs = 15_000;
/** One turn that is taken between refusals is no recovery; so many in a row are. */
const inARow = 10;

/** Counts the offers of one round. */
export function acceptanceOf(offers: readonly Offer[], outage: Outage): Acceptance {
  const baseMs = outage.covered ? outage.struckAtMs : outage.overAtMs;
  const after = offers.filter(({ atMs }) => atMs >= baseMs).toSorted((one, other) => one.atMs - other.atMs);
  const from = after.findIndex((_, index) => isSteady(after.slice(index, index + inARow)));
  if (from < 0) return { ...counts(after), recoveryMs: Infinity };
  const taken = after.slice(from, from + inARow).map(({ answeredAtMs }) => answeredAtMs);
  return { ...counts(outage.covered ? after : after.slice(from)), recoveryMs: Math.min(...taken) - baseMs };
}

function isSteady(offers: readonly Offer[]): boolean {
  return offers.length === inARow && offers.every(({ accepted }) => accepted);
}

/** Whether a round's acceptance is what is promised; else what is wrong with it. */
export function acceptanceFault({ offered, accepted, recoveryMs }: Acceptance): string | undefined {
  if (recoveryMs > longestRecoveryMs) return `turns were taken again after ${Math.round(recoveryMs)} ms`;
  if (accepted < offered * leastAccepted) return `${accepted} of ${offered} turns were accepted`;
  return undefined;
}

function counts(offers: readonly Offer[]): Omit<Acceptance, 'recoveryMs'> {
  const refused = offers.filter(({ accepted }) => !accepted);
  const waits = offers.filter(({ accepted }) => accepted).map((offer) => offer.answeredAtMs - offer.atMs);
  const reasons = Map.groupBy(refused, ({ reason }) => reason);
  return {
    offered: offers.length,
    accepted: offers.length - refused.length,
    repeated: offers.filter(({ repeated }) => repeated).length,
    slowestMs: Math.max(0, ...waits),
    refusals: new Map([...reasons].map(([reason, those]) => [reason, those.length])),
  };
}
