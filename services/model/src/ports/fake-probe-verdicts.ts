import type { ProbeVerdict } from './model-files.ts';
import type { ProbeVerdicts } from './probe-verdicts.ts';

/** Remembers for as long as it lives. */
export class FakeProbeVerdicts implements ProbeVerdicts {
  readonly #verdicts = new Map<string, ProbeVerdict>();

  get(digest: string, version: string): Promise<ProbeVerdict | undefined> {
    return Promise.resolve(this.#verdicts.get(`${digest} ${version}`));
  }

  put(digest: string, version: string, verdict: ProbeVerdict): Promise<void> {
    this.#verdicts.set(`${digest} ${version}`, verdict);
    return Promise.resolve();
  }
}
