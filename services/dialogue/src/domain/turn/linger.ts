/** How long a turn stays after its last reader has left. */
export interface LingerSettings {
  readonly ms: number;
  /** Whether somebody waits for the turn elsewhere. */
  readonly isAwaited: () => Promise<boolean>;
}

/** Gives readers that were cut off time to come back before their turn is stopped. */
export class Linger {
  readonly #settings: LingerSettings;
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** Changes when readers leave or come, so that a look that was under way counts no more. */
  #round = 0;

  constructor(settings: LingerSettings, stop: () => void) {
    this.#settings = settings;
    this.#stop = stop;
  }

  /** The last reader has left. */
  begin(): void {
    this.end();
    const round = this.#round;
    this.#timer = setTimeout(() => void this.#look(round), this.#settings.ms);
  }

  /** Somebody reads, or the turn is over. */
  end(): void {
    this.#round++;
    clearTimeout(this.#timer);
  }

  /** A store that does not answer stops no turn; its own time ends it. */
  async #look(round: number): Promise<void> {
    const isAwaited = await this.#settings.isAwaited().catch(() => true);
    if (round !== this.#round) return;
    if (isAwaited) this.begin();
    else this.#stop();
  }
}
