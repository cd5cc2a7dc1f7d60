import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Vocabulary } from '../answer/answer-job.ts';
import type { BatchItem, Sampled, SequenceReuse, StepBatch, TokenSampler } from './step-batch.ts';

/** Chooses the tokens of a script, then the end. */
export class FakeSampler implements TokenSampler {
  readonly #script: readonly Sampled[];
  #next = 0;
  disposed = false;
  /** What its sequence held when its first token was chosen. */
  read: readonly number[] | undefined;

  constructor(script: readonly Sampled[]) {
    this.#script = script;
  }

  next(held: readonly number[]): Sampled {
    this.read ??= [...held];
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
  /** Copies made, from and to. */
  readonly copies: (readonly [number, number])[] = [];
  readonly #held = new Map<number, readonly number[]>();
  #running = false;
  /** Called inside each run, before it ends. */
  during: (run: number) => void | Promise<void> = () => undefined;
  /** Set to undefined for a context whose sequences can only be cleared. */
  reuse: SequenceReuse | undefined = {
    cut: (sequence, length) => {
      this.#rest();
      this.#set(sequence, this.#of(sequence).slice(0, length));
      return true;
    },
    copy: async (from, to) => {
      this.#rest();
      this.copies.push([from, to]);
      this.#set(to, this.#of(from));
      await Promise.resolve();
    },
    files: {
      save: async (sequence, tokens, path) => {
        this.#rest();
        expect(this.#of(sequence)).toEqual([...tokens]);
        await writeFile(path, JSON.stringify(this.#of(sequence)));
      },
      load: async (sequence, _tokens, path) => {
        this.#rest();
        this.#set(sequence, JSON.parse(await readFile(path, 'utf8')) as number[]);
      },
    },
  };

  async run(items: readonly BatchItem<FakeSampler>[]): Promise<readonly Sampled[]> {
    if (this.#running) throw new Error('two runs at once');
    this.#running = true;
    try {
      this.#check(items);
      this.runs.push(items);
      await this.during(this.runs.length);
      return items.map(({ sampler, sequence }) => sampler?.next(this.#of(sequence)));
    } finally {
      this.#running = false;
    }
  }

  clear(sequence: number): void {
    this.#rest();
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
      if (position !== this.#of(sequence).length) throw new Error(`sequence ${sequence} has a gap`);
      if (tokens.length === 0) throw new Error('no tokens');
      if (sampler?.disposed === true) throw new Error('a disposed sampler');
      this.#set(sequence, [...this.#of(sequence), ...tokens]);
    }
  }

  #rest(): void {
    if (this.#running) throw new Error('changed while a batch runs');
  }

  #of(sequence: number): readonly number[] {
    return this.#held.get(sequence) ?? [];
  }

  #set(sequence: number, tokens: readonly number[]): void {
    if (tokens.length === 0) this.#held.delete(sequence);
    else this.#held.set(sequence, tokens);
  }
}
