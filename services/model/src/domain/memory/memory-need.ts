import type { ModelInspection } from '../../ports/model-files.ts';

/** The room for answers that a model is to have. */
export interface ContextPlan {
  /** Prompt and answer together, per request. */
  readonly contextTokens: number;
  /** Requests that run at once. */
  readonly slots: number;
}

/** What a model takes, as far as its file tells before it is loaded. */
export interface MemoryNeed {
  readonly weightsBytes: number;
  readonly computeBytes: number;
  /** Keys and values of so many tokens, of one request. */
  kvBytes(contextTokens: number): number;
  /** The most tokens whose keys and values fit into so many bytes, of one request; 0 where keys and values cost nothing. */
  fittingTokens(bytes: number): number;
}

/** @param promptTokensPerStep how many prompt tokens a step takes, beside one token of every slot */
export function memoryNeed(
  { slots }: Pick<ContextPlan, 'slots'>,
  weightsBytes: number,
  inspection: ModelInspection | undefined,
  promptTokensPerStep: number,
): MemoryNeed {
  const stepTokens = slots + promptTokensPerStep;
  const perToken = inspection?.kvBytesPerToken ?? 0;
  const perWindowToken = inspection?.windowKvBytesPerToken ?? 0;
  const grain = inspection?.contextGrain ?? 1;
  // A windowed layer also holds what a step adds, before what has left the window is dropped.
  const window = roundUp((inspection?.windowTokens ?? 0) + stepTokens, grain);
  return {
    weightsBytes,
    computeBytes: (inspection?.computeBytesPerToken ?? 0) * stepTokens,
    kvBytes: (contextTokens) => {
      const tokens = roundUp(contextTokens, grain);
      return perToken * tokens + perWindowToken * Math.min(tokens, window);
    },
    fittingTokens: (bytes) => {
      const all = perToken + perWindowToken;
      if (all === 0) return 0;
      const within = Math.floor(bytes / all);
      const beyond = perToken === 0 ? within : Math.floor((bytes - perWindowToken * window) / perToken);
      const tokens = within <= window ? within : Math.max(window, beyond);
      return Math.max(0, Math.floor(tokens / grain) * grain);
    },
  };
}

function roundUp(tokens: number, grain: number): number {
  return Math.ceil(tokens / grain) * grain;
}
