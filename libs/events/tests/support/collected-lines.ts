import type { LogLines } from '../../src/kafka/log-lines.ts';

/** Keeps what is said, one text per line: level, message and details. */
export class CollectedLines implements LogLines {
  readonly all: string[] = [];

  debug(details: object, message: string): void {
    this.#say('debug', details, message);
  }

  info(details: object, message: string): void {
    this.#say('info', details, message);
  }

  warn(details: object, message: string): void {
    this.#say('warn', details, message);
  }

  #say(level: string, details: object, message: string): void {
    this.all.push(`${level} ${message} ${JSON.stringify(details)}`);
  }
}
