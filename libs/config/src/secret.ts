import { inspect } from 'node:util';

const hidden = '[secret]';

/** A value that prints as `[secret]` everywhere: in logs, JSON, string templates and `util.inspect`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself; only for the one place that uses it. */
  reveal(): string {
    return this.#value;
  }

  toString(): typeof hidden {
    return hidden;
  }

  toJSON(): typeof hidden {
    return hidden;
  }

  [inspect.custom](): string {
    return hidden;
  }
}
