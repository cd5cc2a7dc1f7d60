import type { Vocabulary } from './answer-job.ts';
import type { BatchItem, Sampled, StepBatch, TokenSampler } from './step-batch.ts';

/** Chooses the tokens of a script, then the end. */
export class FakeSampler implements TokenSampler {
  readonly #script: readonly Sampled[];
  #next = 0;
  disposed = false;

  constructor(script: readonly Sampled[]) {
    this.#script = script;
  }

  next(): Sampled {
    return this.#script[this.#next++] ?? endToken;
  }

  [Symbol.dispose](): void {
    this.disposed = true;
  }
}

/** The token that ends an answer of the fake. */
export const endToken = 0;

/** A vocabulary whose tokens are bytes, the end apart. */
export const byteVocabulary: Vocabulary = {
  bytesOf: (token) => Uint8Array.of(token),
  isEnd: (token) => token === endToken,
};

/** A forward pass that checks what it is given: order, positions, one run at a time, nothing of a cleared sequence. */
export class FakeStepBatch implements StepBatch<FakeSampler> {
  /** Items of each run. */
  readonly runs: (readonly BatchItem<FakeSampler>[])[] = [];
  readonly #held = new Map<number, number>();
  #running = false;
  /** Called inside each run, before it ends. */
  during: (run: number) => void | Promise<void> = () => undefined;

  async run(items: readonly BatchItem<FakeSampler>[]): Promise<readonly Sampled[]> {
    if (this.#running) throw new Error('two runs at once');
    this.#running = true;
    try {
      this.#check(items);
      this.runs.push(items);
      await this.during(this.runs.length);
      return items.map(({ sampler }) => sampler?.next());
    } finally {
      this.#running = false;
    }
  }

  clear(sequence: number): void {
    if (this.#running) throw new Error('cleared while a batch runs');
    this.#held.delete(sequence);
  }

  /** Sequences that hold anything. */
  get held(): number[] {
    return [...this.#held.keys()];
  }

  #check(items: readonly BatchItem<FakeSampler>[]): void {
    if (items.length === 0) throw new Error('an empty run');
    for (const [index, { sequence, position, tokens, sampler }] of items.entries()) {
      if (sequence <= (items[index - 1]?.sequence ?? -1)) throw new Error('sequences are out of order');
      if (position !== (this.#held.get(sequence) ?? 0)) throw new Error(`sequence ${sequence} has a gap`);
      if (tokens.length === 0) throw new Error('no tokens');
      if (sampler?.disposed === true) throw new Error('a disposed sampler');
      this.#held.set(sequence, position + tokens.length);
    }
  }
}
