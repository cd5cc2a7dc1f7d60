const answerWithinMs = 1_000;

/** What a service lacks to be ready. */
export interface Missing {
  /** For people; '' when the service does not answer. */
  readonly text: string;
  /** Waiting alone will not mend it: the service runs and says to its callers what is wrong. */
  readonly lasting: boolean;
}

interface ReadinessReport {
  readonly checks?: readonly {
    readonly name?: unknown;
    readonly ok?: unknown;
    readonly reason?: unknown;
    readonly lasting?: unknown;
  }[];
}

/** Why the service behind `telemetryUrl` is not ready, as its `/readyz` tells. Never rejects. */
export async function whatIsMissing(telemetryUrl: string): Promise<Missing> {
  try {
    const response = await fetch(`${telemetryUrl}/readyz`, { signal: AbortSignal.timeout(answerWithinMs) });
    const { checks = [] } = (await response.json()) as ReadinessReport;
    const failing = checks.filter(({ ok }) => ok !== true);
    const text = failing.map(({ name, reason }) => `${String(name)} (${String(reason)})`).join(', ');
    return { text, lasting: failing.length > 0 && failing.every(({ lasting }) => lasting === true) };
  } catch {
    return { text: '', lasting: false };
  }
}
