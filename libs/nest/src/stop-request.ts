/** The part of `process` that says when to stop. */
export interface StopSource {
  once(event: 'SIGTERM' | 'SIGINT' | 'disconnect', listener: () => void): unknown;
  on(event: 'SIGINT', listener: () => void): unknown;
  /** Present when a parent listens. */
  readonly send?: unknown;
  readonly channel?: { unref(): void } | null | undefined;
}

/**
 * Resolves, with the reason, when this process should stop: at SIGTERM, when its parent is gone, and at SIGINT unless
 * supervised. The terminal sends SIGINT to the whole process group, so a supervised service ignores it and lets its
 * supervisor decide. A second SIGINT of the unsupervised ends the process at once.
 */
export function stopRequested(source: StopSource, supervised: boolean): Promise<string> {
  return new Promise((resolve) => {
    source.once('SIGTERM', () => resolve('SIGTERM'));
    if (supervised) source.on('SIGINT', () => undefined);
    else source.once('SIGINT', () => resolve('SIGINT'));
    if (source.send === undefined) return;
    source.once('disconnect', () => resolve('its parent is gone'));
    // Listening to the channel alone must not keep the process alive.
    source.channel?.unref();
  });
}
