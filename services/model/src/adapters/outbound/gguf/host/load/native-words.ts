const keptLines = 50;

/** What native code has said of late: its calls only tell that they failed, its log tells why. */
export class NativeWords {
  #lines: string[] = [];

  hear(line: string): void {
    this.#lines = [...this.#lines.slice(1 - keptLines), line];
  }

  /** Forgets everything, before something that may fail. */
  clear(): void {
    this.#lines = [];
  }

  /** Why a model could not be loaded; '' when nothing was said. */
  whyNotLoaded(): string {
    const reasons = this.#lines.flatMap((line) => /error loading model: (.+)/.exec(line)?.[1] ?? []);
    return reasons[0] ?? this.#lines.at(0) ?? '';
  }
}
