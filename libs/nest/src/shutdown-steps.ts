import type { Logger } from '@parley/telemetry';

/** What is done at shutdown; `signal` aborts when its time is over. */
export type ShutdownStep = (signal: AbortSignal) => Promise<void>;

interface NamedStep {
  readonly name: string;
  readonly step: ShutdownStep;
}

/** Even a step whose turn comes when all time is used up gets this long: a flush is short, and worth it. */
const leastStepMs = 1000;

/** What to do between "not ready any more" and the end of the process. */
export class ShutdownSteps {
  readonly #beforeClose: NamedStep[] = [];
  readonly #afterClose: NamedStep[] = [];

  /** Runs before the servers close, in order of registration: finish running work, flush. */
  add(name: string, step: ShutdownStep): void {
    this.#beforeClose.push({ name, step });
  }

  /** Runs once no call can arrive any more, last registered first: close stores and clients. */
  addAfterClose(name: string, step: ShutdownStep): void {
    this.#afterClose.unshift({ name, step });
  }

  /** Runs the steps before the close within `budgetMs` together; a failed or late one is logged and passed over. */
  async runBeforeClose(budgetMs: number, logger: Logger): Promise<void> {
    await runSteps(this.#beforeClose, budgetMs, logger);
  }

  /** The same for the steps after the close. */
  async runAfterClose(budgetMs: number, logger: Logger): Promise<void> {
    await runSteps(this.#afterClose, budgetMs, logger);
  }
}

async function runSteps(steps: readonly NamedStep[], budgetMs: number, logger: Logger): Promise<void> {
  const end = performance.now() + budgetMs;
  for (const { name, step } of steps) {
    const timeoutMs = Math.max(leastStepMs, end - performance.now());
    try {
      await withinTime(step, timeoutMs);
    } catch (error) {
      logger.error({ error, step: name }, 'A shutdown step failed');
    }
  }
}

/** Waits for the step, at most `timeoutMs`. */
function withinTime(step: ShutdownStep, timeoutMs: number): Promise<void> {
  const controller = new AbortController();
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      const late = new Error(`It did not finish within ${Math.round(timeoutMs)} ms.`);
      controller.abort(late);
      reject(late);
    }, timeoutMs);
    const settle = (done: () => void): void => {
      clearTimeout(timer);
      done();
    };
    Promise.resolve()
      .then(() => step(controller.signal))
      .then(
        () => settle(resolve),
        (error: unknown) => settle(() => reject(error)),
      );
  });
}
