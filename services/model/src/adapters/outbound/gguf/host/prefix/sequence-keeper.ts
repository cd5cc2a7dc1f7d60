import type { KeptSequence, KeptStore } from '../../kept/kept-store.ts';
import { OpenedFiles } from '../../kept/opened-files.ts';
import { PlainFile } from '../../kept/plain-file.ts';
import type { SequenceFiles } from '../step/step-batch.ts';
import type { KeptBeginnings } from './kept-beginnings.ts';
import type { IdleSequence } from './sequence-pool.ts';
import { blockTokens } from './cache-scope.ts';
import type { TokenPrefix } from './token-prefix.ts';

/** Of a file's tokens so many must be new to the prompt: all of it is decrypted for them. */
const leastGain = 1 / 16;

/** Whose sequences are kept. */
export interface KeptContext {
  readonly idleSequences: readonly IdleSequence[];
  /** As `Stepper` has it. */
  whileAtRest(work: () => Promise<void>): Promise<boolean>;
  forget(own: string): void;
}

/** What a keeper works with. */
export interface SequenceKeeperOptions {
  readonly store: KeptStore;
  readonly files: SequenceFiles;
  /** For the files in the clear where memory has no room for them. */
  readonly folder: string;
  /** What keys and values of a token take, about. */
  readonly bytesPerToken: number;
  /** Of a sequence. */
  readonly contextTokens: number;
  /** Shorter sequences are not kept. */
  readonly leastTokens: number;
  readonly onTrouble: (message: string) => void;
}

/** A kept sequence, and how many tokens of a prompt it begins with. */
interface FoundSequence {
  readonly kept: KeptSequence;
  readonly tokens: number;
}

interface OpenedSequence extends FoundSequence {
  readonly plain: PlainFile;
}

/** Keeps what sequences hold beyond the end of their context: writes what is idle, and gives it back to prompts. */
export class SequenceKeeper implements KeptBeginnings {
  readonly #options: SequenceKeeperOptions;
  /** What was written last of each sequence. */
  readonly #written = new Map<number, TokenPrefix>();
  /** Idle at the last look, and as long as then. */
  #seen = new Map<number, TokenPrefix>();
  readonly #forgotten = new Set<string>();
  readonly #opened = new OpenedFiles();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SequenceKeeperOptions) {
    this.#options = options;
  }

  /** Opens what a prompt begins with, before it waits for its slot. As `restore` has it, but never rejects. */
  async prepare(prompt: TokenPrefix, known: number): Promise<void> {
    try {
      const found = await this.#longest(prompt, known);
      if (found !== undefined) await this.#opened.add(found.kept.path, () => this.#open(found.kept));
    } catch (error) {
      this.#options.onTrouble(`What is kept on disk could not be read: ${reasonOf(error)}`);
    }
  }

  async restore(sequence: number, prompt: TokenPrefix, known: number): Promise<number> {
    const { store, files, onTrouble } = this.#options;
    const found = await this.#find(prompt, known).catch((error: unknown) => {
      onTrouble(`What is kept on disk could not be read: ${reasonOf(error)}`);
      return undefined;
    });
    if (found === undefined) return 0;
    await using plain = found.plain;
    try {
      await files.load(sequence, found.kept.held.tokens, plain.path);
      return found.tokens;
    } catch (error) {
      onTrouble(`A sequence that is kept on disk could not be restored: ${reasonOf(error)}`);
      await store.remove(found.kept);
      throw error;
    }
  }

  /** Writes what has been idle since the last call, while no answer needs the context. Never rejects. */
  look(context: KeptContext): Promise<void> {
    return this.#inTurn(async () => {
      const idle = context.idleSequences.filter((each) => this.#isWorthIt(each));
      const rested = idle.filter(({ sequence, held }) => this.#seen.get(sequence) === held);
      this.#seen = new Map(idle.map(({ sequence, held }) => [sequence, held]));
      for (const each of rested) await this.#keep(each, context);
    });
  }

  /** Writes all that is worth it of a context that has stopped, what was used last first, for so long. Never rejects. */
  finish(context: KeptContext, mostMs: number): Promise<void> {
    const end = performance.now() + mostMs;
    return this.#inTurn(async () => {
      await this.#opened[Symbol.asyncDispose]();
      const idle = context.idleSequences.filter((each) => this.#isWorthIt(each));
      for (const each of idle.toSorted((a, b) => b.usedAt - a.usedAt)) {
        if (performance.now() >= end) return;
        await this.#keep(each, context);
      }
    });
  }

  /** Removes what is kept of a scope, also what is being written just now. Never rejects. */
  forget(own: string): Promise<void> {
    this.#forgotten.add(own);
    return this.#inTurn(async () => {
      this.#forgotten.delete(own);
      await this.#opened[Symbol.asyncDispose]();
      await this.#options.store.forget(own);
    });
  }

  #isWorthIt({ sequence, held }: IdleSequence): boolean {
    return held.length >= this.#options.leastTokens && this.#written.get(sequence) !== held;
  }

  async #keep({ sequence, held }: IdleSequence, context: KeptContext): Promise<void> {
    const { store, files, bytesPerToken } = this.#options;
    if (this.#forgotten.has(held.scope.own)) return;
    if (!(await store.has(held))) {
      await using plain = await this.#plainFile(held.length * bytesPerToken);
      let isSaved = false;
      await context.whileAtRest(async () => {
        // It may have been used since it was looked at.
        if (!context.idleSequences.some((now) => now.sequence === sequence && now.held === held)) return;
        await files.save(sequence, held.tokens, plain.path);
        isSaved = true;
      });
      if (!isSaved) return;
      await store.put(held, plain);
    }
    this.#written.set(sequence, held);
  }

  async #find(prompt: TokenPrefix, known: number): Promise<OpenedSequence | undefined> {
    const found = await this.#longest(prompt, known);
    if (found === undefined) return undefined;
    const plain = this.#opened.take(found.kept.path) ?? (await this.#open(found.kept));
    return plain === undefined ? undefined : { ...found, plain };
  }

  async #open(kept: KeptSequence): Promise<PlainFile | undefined> {
    await using undo = new AsyncDisposableStack();
    const plain = undo.use(await this.#plainFile(kept.bytes));
    if (!(await this.#options.store.open(kept, plain))) return undefined;
    undo.move();
    return plain;
  }

  async #longest(prompt: TokenPrefix, known: number): Promise<FoundSequence | undefined> {
    if (prompt.length - known <= blockTokens) return undefined;
    let best: KeptSequence | undefined;
    let most = known;
    for (const kept of await this.#options.store.sequences()) {
      const tokens = Math.min(prompt.length - 1, kept.held.commonWith(prompt));
      const isWorthIt = tokens - known >= Math.max(blockTokens, kept.held.length * leastGain);
      if (tokens <= most || !isWorthIt || kept.held.length > this.#options.contextTokens) continue;
      best = kept;
      most = tokens;
    }
    return best === undefined ? undefined : { kept: best, tokens: most };
  }

  #plainFile(bytes: number): Promise<PlainFile> {
    return PlainFile.open(this.#options.folder, bytes);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work).catch((error: unknown) => {
      this.#options.onTrouble(`What sequences hold could not be kept on disk: ${reasonOf(error)}`);
    });
    this.#turn = turn;
    return turn;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
