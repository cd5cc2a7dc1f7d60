/** What a readiness check finds; `reason` says what is wrong when it is not ok. */
export interface CheckResult {
  readonly ok: boolean;
  readonly reason?: string;
  /** What is worth knowing of one that is ok, such as a dependency that is away and can be done without. */
  readonly note?: string;
  /** Waiting alone will not mend it: somebody must change something. */
  readonly lasting?: boolean;
}

/** One check in a report; `reason` of one that is ok is its note, mostly ''. */
export interface ReportedCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly reason: string;
  readonly lasting: boolean;
}

/** Whether the process can serve, and why not. */
export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: ReportedCheck[];
}

/**
 * Whether this process can serve, as /readyz, grpc.health.v1 and Instance.Describe tell it. Checks are asked at every
 * report, so they must be quick and synchronous: they look at what is known, they do not go and find out.
 */
export class Readiness {
  readonly #checks = new Map<string, () => CheckResult>();
  #lifecycle: CheckResult = { ok: false, reason: 'starting' };
  #onDrain: () => void = () => undefined;

  /** A check by this name; the last one of a name counts. One that throws is not ok. */
  add(name: string, check: () => CheckResult): void {
    this.#checks.set(name, check);
  }

  /** All checks, the process's own life first. */
  report(): ReadinessReport {
    const checks = [...this.#checks].map(([name, check]) => reported(name, asked(check)));
    const all = [reported('lifecycle', this.#lifecycle), ...checks];
    return { ready: all.every(({ ok }) => ok), checks: all };
  }

  /** Says that the servers listen; until then nothing is ready. */
  started(): void {
    if (this.#lifecycle.reason === 'starting') this.#lifecycle = { ok: true };
  }

  /** Makes the process not ready for good, so that nothing new is sent to it. */
  drain(): void {
    this.#lifecycle = { ok: false, reason: 'draining' };
    this.#onDrain();
  }

  /** Tells `listener` when draining begins. */
  onDrain(listener: () => void): void {
    const earlier = this.#onDrain;
    this.#onDrain = () => {
      earlier();
      listener();
    };
  }
}

function asked(check: () => CheckResult): CheckResult {
  try {
    return check();
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : 'the check failed' };
  }
}

function reported(name: string, { ok, reason, note = '', lasting = false }: CheckResult): ReportedCheck {
  return { name, ok, reason: ok ? note : (reason ?? 'not ok'), lasting: !ok && lasting };
}
