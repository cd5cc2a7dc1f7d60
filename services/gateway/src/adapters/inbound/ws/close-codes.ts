/** With which code and reason the gateway closes a connection of its own accord; beside them, 1009: frame too large. */
export const closeCodes = {
  /** The process stops; connect again. */
  stopping: { code: 1012, reason: 'service_restart' },
  /** Too many frames that could not be read. */
  badFrames: { code: 1008, reason: 'too_many_bad_frames' },
  /** Nothing was said for long, and no turn ran. */
  idle: { code: 4001, reason: 'idle' },
  /** The client took nothing for too long; it can attach to its stored responses again. */
  slowReader: { code: 4008, reason: 'slow_reader' },
  /** A ping was not answered. */
  heartbeatMissed: { code: 4009, reason: 'heartbeat_missed' },
} as const;

export type Close = (typeof closeCodes)[keyof typeof closeCodes];
