/** How far a load has come. */
export interface LoadProgress {
  readonly stage:
    | 'waiting for its turn'
    | 'reading the file'
    | 'converting the weights'
    | 'writing the weights anew'
    | 'trying the file out in a process of its own'
    | 'starting the engine'
    | 'loading weights'
    | 'making the context'
    | 'warming up';
  /** 0 to 1 within the stage. */
  readonly share: number;
}

/** Figures of one decode step, for metrics. */
export interface StepFigures {
  /** Answers that took part. */
  readonly sequences: number;
  /** Tokens decoded, prompt tokens included. */
  readonly tokens: number;
}

export interface LoadOptions {
  /** Ends the load; what was loaded is given back. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Called once per decode step. */
  readonly onStep?: (figures: StepFigures) => void;
}
