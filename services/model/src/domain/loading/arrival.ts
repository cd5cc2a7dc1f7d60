import type { Clock } from '@parley/kernel';
import type { LoadProgress } from '../../ports/load-progress.ts';
import { loadText } from './load-progress-text.ts';
import type { ModelSlot } from '../models/model-slot.ts';

/** What somebody who waits for a model is told. */
export interface WaitProgress {
  /** For people: "smollm2: loading weights 40 %". */
  readonly stage: string;
  /** Milliseconds until it is likely there; 0 = not known. */
  readonly estimateMs: number;
}

/** Below this share of the weights their speed says nothing about the rest. */
const leastShare = 0.1;

/** A model that is on its way into memory, and those who wait for it. */
export class Arrival {
  /** The slot that can answer, or why there is none. */
  readonly slot: Promise<ModelSlot>;
  readonly #model: string;
  readonly #clock: Clock;
  /** When its weights began to come; they are what a long load spends its time on. */
  #weightsSince = 0;
  #stage = 'waiting for its turn';
  #share = 0;
  #waiting = 0;
  #leftAt: number;

  /** @param bring brings the model in; its rejections are for those who wait */
  constructor(model: string, clock: Clock, bring: (arrival: Arrival) => Promise<ModelSlot>) {
    this.#model = model;
    this.#clock = clock;
    this.#leftAt = clock.now();
    this.slot = bring(this);
    this.slot.catch(() => undefined);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** For how long nobody has waited. */
  get forsakenMs(): number {
    return this.#waiting > 0 ? 0 : this.#clock.now() - this.#leftAt;
  }

  get progress(): WaitProgress {
    const spentMs = this.#clock.now() - this.#weightsSince;
    const isKnown = this.#share >= leastShare;
    const estimateMs = isKnown ? Math.round((spentMs * (1 - this.#share)) / this.#share) : 0;
    return { stage: `${this.#model}: ${this.#stage}`, estimateMs };
  }

  /** Somebody waits until the result is disposed of. */
  join(): Disposable {
    this.#waiting++;
    return {
      [Symbol.dispose]: () => {
        this.#waiting--;
        this.#leftAt = this.#clock.now();
      },
    };
  }

  /** The load has come so far. */
  loading(load: LoadProgress): void {
    const isWeights = load.stage === 'loading weights';
    if (isWeights && this.#share === 0) this.#weightsSince = this.#clock.now();
    this.#stage = loadText(load);
    this.#share = isWeights ? load.share : 0;
  }

  /** It waits for something else than its load. */
  held(stage: string): void {
    this.#stage = stage;
    this.#share = 0;
  }
}
