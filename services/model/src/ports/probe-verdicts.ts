import type { ProbeVerdict } from './model-files.ts';

/** Remembers what came of opening files, so that each is tried out once. Losing a verdict costs another try only. */
export interface ProbeVerdicts {
  /** @param version the engine's: another one may judge otherwise */
  get(digest: string, version: string): Promise<ProbeVerdict | undefined>;
  /** Must not throw. */
  put(digest: string, version: string, verdict: ProbeVerdict): Promise<void>;
}
