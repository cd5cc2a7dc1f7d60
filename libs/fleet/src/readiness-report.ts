const answerWithinMs = 1_000;

interface ReadinessReport {
  readonly checks?: readonly { readonly name?: unknown; readonly ok?: unknown; readonly reason?: unknown }[];
}

/** Why the service behind `telemetryUrl` is not ready, as its `/readyz` tells; '' when it does not answer. */
export async function whyNotReady(telemetryUrl: string): Promise<string> {
  try {
    const response = await fetch(`${telemetryUrl}/readyz`, { signal: AbortSignal.timeout(answerWithinMs) });
    const { checks = [] } = (await response.json()) as ReadinessReport;
    return checks
      .filter(({ ok }) => ok !== true)
      .map(({ name, reason }) => `${String(name)} (${String(reason)})`)
      .join(', ');
  } catch {
    return '';
  }
}
