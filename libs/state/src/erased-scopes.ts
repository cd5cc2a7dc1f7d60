import { ParleyError } from '@parley/kernel';
import type { Clock } from '@parley/kernel';
import type { ControlStore } from './ports.ts';

/** A cache scope whose owner was erased. It names nobody. */
export interface ErasedScope {
  readonly tenant: string;
  /** As models hear it (`opaqueScope`). */
  readonly scope: string;
  /** Milliseconds since 1970. */
  readonly erasedAtMs: number;
}

const key = 'erased-scopes';
const maxTries = 10;
/** What models keep leaves them after a day by itself. */
const keptMs = 25 * 60 * 60 * 1000;
/** An instance that runs sees them within seconds; only one that starts needs old ones. */
const mostScopes = 1000;

/** The cache scopes that were erased during the last day, in the control store, where every instance sees them. */
export class ErasedScopes {
  readonly #control: ControlStore;
  readonly #clock: Clock;

  constructor(control: ControlStore, clock: Clock) {
    this.#control = control;
    this.#clock = clock;
  }

  /** The newest last. @throws ParleyError `unavailable` */
  async read(): Promise<readonly ErasedScope[]> {
    return this.#recent((await this.#control.get(key))?.value);
  }

  /** @throws ParleyError `unavailable` when it cannot be written. */
  async add(tenant: string, scope: string): Promise<void> {
    for (let tries = 0; tries < maxTries; tries++) {
      const now = await this.#control.get(key);
      const others = this.#recent(now?.value).filter(
        (each) => each.tenant !== tenant || each.scope !== scope,
      );
      const erased = [...others, { tenant, scope, erasedAtMs: this.#clock.now() }].slice(-mostScopes);
      if ((await this.#control.put(key, JSON.stringify(erased), now?.version ?? 0)) !== undefined) return;
    }
    throw new ParleyError('unavailable', 'An erasure could not be written for the models. Try again.');
  }

  #recent(value = '[]'): ErasedScope[] {
    const oldest = this.#clock.now() - keptMs;
    return parse(value).filter(({ erasedAtMs }) => erasedAtMs > oldest);
  }
}

function parse(value: string): ErasedScope[] {
  try {
    const found: unknown = JSON.parse(value);
    return Array.isArray(found) ? found.filter(isErasedScope) : [];
  } catch {
    return [];
  }
}

function isErasedScope(value: unknown): value is ErasedScope {
  if (typeof value !== 'object' || value === null) return false;
  const { tenant, scope, erasedAtMs } = value as Partial<Record<string, unknown>>;
  return typeof tenant === 'string' && typeof scope === 'string' && typeof erasedAtMs === 'number';
}
