import { createHash } from 'node:crypto';
import { open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TokenPrefix } from '../host/prefix/token-prefix.ts';
import type { KeptFolder } from './kept-folder.ts';
import { keptLifetimeMs } from './kept-folder.ts';
import type { KeptKeys } from './kept-keys.ts';
import { packHead, unpackHead } from './kept-head.ts';
import type { PlainFile } from './plain-file.ts';
import { openBody, openHead, seal } from './sealed-file.ts';

/** What is kept of a sequence, as far as it is known without opening all of it. */
export interface KeptSequence {
  readonly path: string;
  readonly held: TokenPrefix;
  readonly bytes: number;
  readonly writtenAt: number;
}

/** What a store is made of. */
export interface KeptStoreOptions {
  readonly folder: KeptFolder;
  readonly keys: KeptKeys;
  /** Of all models together; the least recently used files leave first. */
  readonly maxBytes: number;
  /** All that must be equal for a state to be of use: weights, engine, settings of the context. */
  readonly engine: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * The sequences of one model that are kept on disk. Several processes may share them: what another has written is seen
 * with the next look. A file that cannot be opened is removed, and nobody hears of it.
 */
export class KeptStore {
  readonly #options: KeptStoreOptions;
  readonly #model: string;
  readonly #known = new Map<string, KeptSequence>();
  /** When the folder had changed last as it was read. */
  #seenAt = -1;

  constructor(options: KeptStoreOptions) {
    this.#options = options;
    this.#model = createHash('sha256').update(options.engine).digest('hex').slice(0, 32);
  }

  /** All sequences that are kept and not over age. */
  async sequences(): Promise<readonly KeptSequence[]> {
    await this.#look();
    const oldest = this.#options.now() - keptLifetimeMs;
    return [...this.#known.values()].filter(({ writtenAt }) => writtenAt > oldest);
  }

  /** Whether all of a sequence is there already. */
  async has(held: TokenPrefix): Promise<boolean> {
    return (await this.sequences()).some((kept) => kept.held.commonWith(held) === held.length);
  }

  /** Keeps a sequence whose state `plain` holds; shorter forms of it go. @returns whether there was room for it */
  async put(held: TokenPrefix, plain: PlainFile): Promise<boolean> {
    const { folder, maxBytes, keys } = this.#options;
    const before = await this.sequences();
    const head = packHead(held);
    const { size } = await plain.handle.stat();
    if (!(await folder.makeRoom(size + head.length, maxBytes))) return false;
    await folder.open(this.#model);
    const name = `${keys.scopeTag(held.scope.own)}-${keys.contentTag(head)}`;
    const path = folder.file(this.#model, name);
    await this.#write(path, head, plain);
    await this.#learn(path, held);
    for (const kept of before) if (kept.path !== path && goesOn(held, kept.held)) await this.remove(kept);
    return true;
  }

  /** Writes a sequence's state into `plain`. @returns whether it is what was kept; if not it is removed */
  async open(kept: KeptSequence, plain: PlainFile): Promise<boolean> {
    const { folder, now } = this.#options;
    try {
      await using file = await open(kept.path, 'r');
      const { body } = await openHead(file, this.#seal);
      await openBody(file, body, plain.handle);
      await folder.touch(kept, now());
      return true;
    } catch (error) {
      await this.#giveUp(kept, error);
      return false;
    }
  }

  async remove({ path }: Pick<KeptSequence, 'path'>): Promise<void> {
    this.#known.delete(path);
    await this.#options.folder.remove(path);
  }

  /** Removes all that is kept of a scope. */
  async forget(own: string): Promise<void> {
    const { folder, keys } = this.#options;
    for (const [path, { held }] of this.#known) if (held.scope.own === own) this.#known.delete(path);
    await folder.forget(keys.scopeTags(own));
  }

  get #seal(): { readonly keys: KeptKeys; readonly bound: string } {
    return { keys: this.#options.keys, bound: this.#options.engine };
  }

  async #write(path: string, head: Uint8Array, plain: PlainFile): Promise<void> {
    const { folder } = this.#options;
    const part = folder.partOf(path);
    try {
      await using file = await open(part, 'w', 0o600);
      await seal(file, this.#seal, head, plain.handle);
      await file.sync();
      await rename(part, path);
    } catch (error) {
      await folder.remove(part);
      throw error;
    }
    await using parent = await open(dirname(path), 'r');
    await parent.sync();
  }

  /** Learns of files that others have written or removed. */
  async #look(): Promise<void> {
    const { folder } = this.#options;
    const path = await folder.open(this.#model);
    const changedAt = (await stat(path)).mtimeMs;
    if (changedAt === this.#seenAt) return;
    const entries = await folder.entriesOf(this.#model);
    const there = new Set(entries.map((entry) => entry.path));
    for (const known of this.#known.keys()) if (!there.has(known)) this.#known.delete(known);
    for (const entry of entries) if (!this.#known.has(entry.path)) await this.#learn(entry.path);
    this.#seenAt = changedAt;
  }

  async #learn(path: string, held?: TokenPrefix): Promise<void> {
    try {
      await using file = await open(path, 'r');
      const { size, mtimeMs } = await file.stat();
      const known = held ?? unpackHead((await openHead(file, this.#seal)).head);
      this.#known.set(path, { path, held: known, bytes: size, writtenAt: mtimeMs });
    } catch (error) {
      await this.#giveUp({ path }, error);
    }
  }

  /** A file that the system would not open may be sound. */
  async #giveUp({ path }: Pick<KeptSequence, 'path'>, error: unknown): Promise<void> {
    this.#known.delete(path);
    const isOfTheSystem = error instanceof Error && 'syscall' in error;
    if (!isOfTheSystem) await this.#options.folder.remove(path);
  }
}

/** Whether `longer` holds all of `shorter`, for the same owner. */
function goesOn(longer: TokenPrefix, shorter: TokenPrefix): boolean {
  const isOwners = longer.scope.own === shorter.scope.own;
  return isOwners && shorter.length <= longer.length && shorter.commonWith(longer) === shorter.length;
}
