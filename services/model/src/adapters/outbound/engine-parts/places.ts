import type { EngineRequest, ModelSpec } from '../../../ports/engine.ts';
import { AdmissionQueue } from './admission-queue.ts';
import type { Waiting } from './admission-queue.ts';

interface Place extends Waiting {
  readonly enter: () => void;
  readonly refuse: (error: Error) => void;
}

/** Who asks for a place, and until when. */
type Asking = Pick<EngineRequest, 'priority' | 'tenant' | 'timeLimitMs'>;

/** What a request costs of which nothing is known. */
const usualTokens = 100;

/** As many at once as there are slots; the others wait in the model's line, where tenants take turns. */
export class Places {
  readonly #slots: number;
  readonly #queue: AdmissionQueue<Place>;
  #taken = 0;
  #last = 0;

  constructor({ name, slots, maxQueued, queue }: Pick<ModelSpec, 'name' | 'slots' | 'maxQueued' | 'queue'>) {
    this.#slots = slots;
    this.#queue = new AdmissionQueue({ model: name, slots, maxRequests: maxQueued, ...queue });
  }

  /**
   * Resolves with what gives the place back.
   * @param tokens what the request costs, where that is known; otherwise all cost the same
   * @throws ParleyError `overloaded` where there is no room to wait; the signal's reason when that comes first.
   */
  take(asking: Asking, signal: AbortSignal, tokens = usualTokens): Promise<Disposable> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const since = performance.now();
      const id = String(++this.#last);
      const leave = (): void => {
        this.#queue.remove(id);
        reject(signal.reason as Error);
      };
      const { priority, tenant = '', timeLimitMs } = asking;
      const place: Place = {
        id,
        tenant,
        priority,
        tokens,
        since,
        deadlineAt: timeLimitMs === undefined ? undefined : since + timeLimitMs,
        enter: () => {
          signal.removeEventListener('abort', leave);
          resolve(this.#entered(tokens));
        },
        refuse: (error) => {
          signal.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#submit(place);
    });
  }

  #submit(place: Place): void {
    const inUse = { free: this.#slots - this.#taken, tokensLeft: this.#taken * usualTokens };
    const admitted = this.#queue.submit(place, inUse, place.since);
    if (admitted.refusal !== undefined) return place.refuse(admitted.refusal);
    for (const { refuse } of admitted.evicted) refuse(this.#queue.full(inUse));
    this.#fill();
  }

  #fill(): void {
    while (this.#taken < this.#slots) {
      const next = this.#queue.next(performance.now());
      if (next === undefined) return;
      this.#taken++;
      next.enter();
    }
  }

  #entered(tokens: number): Disposable {
    const enteredAt = performance.now();
    return {
      [Symbol.dispose]: () => {
        this.#taken--;
        this.#queue.estimate.ended({ tokens, outputTokens: 0, heldMs: performance.now() - enteredAt });
        this.#fill();
      },
    };
  }
}
