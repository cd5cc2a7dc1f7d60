/** Kinds of jobs that one service runs and others answer for too. */
export const sharedJobKinds = {
  /** The logging service streams the record to somebody. */
  export: 'export',
} as const;
