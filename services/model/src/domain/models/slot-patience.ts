/** How slots and their callers wait. */
export const slotPatience = {
  /** After as many failed tries in a row a model is left alone: a file that kills its engine would kill its neighbours. */
  maxTries: 3,
  firstPauseMs: 250,
  /** Between tries to load what needs a server that is away: so much later than the server it is back. */
  awayPauseMs: 5_000,
  /** What a caller is told to wait while nothing is known about how long a load takes. */
  assumedLoadMs: 2000,
  /** What a caller is told to wait for what somebody must act on. */
  failedRetryMs: 60_000,
} as const;
