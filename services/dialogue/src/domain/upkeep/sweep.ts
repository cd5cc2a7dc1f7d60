import type { OwnerStore, StoredTurn } from '@parley/state/ports';
import type { UpkeepWatch } from '../../ports/upkeep-watch.ts';
import { ownerLost } from '../end/ending.ts';
import type { TakeOverTurn } from '../end/take-over-turn.ts';
import { decodeDocument } from '../turn/turn-document.ts';
import type { TurnRegistry } from '../turn/turn-registry.ts';

const batchSize = 256;
const atOnce = 16;

/** Ends the turns whose owner has died. */
export class Sweep {
  readonly #owners: OwnerStore;
  readonly #registry: TurnRegistry;
  readonly #takeOver: TakeOverTurn;
  readonly #watch: UpkeepWatch;

  constructor(owners: OwnerStore, registry: TurnRegistry, takeOver: TakeOverTurn, watch: UpkeepWatch) {
    this.#owners = owners;
    this.#registry = registry;
    this.#takeOver = takeOver;
    this.#watch = watch;
  }

  /** Ends all orphans there are; what fails is tried again in the next round. */
  async round(): Promise<void> {
    await this.#takeOver.settleOwed().catch((error: unknown) => this.#watch.taskFailed('sweep', error));
    for (;;) {
      const orphans = await this.#owners.orphans(batchSize);
      const ended = await this.#endAll(orphans);
      if (ended > 0) this.#watch.orphansEnded(ended);
      if (orphans.length < batchSize || ended === 0) return;
    }
  }

  async #endAll(orphans: readonly StoredTurn[]): Promise<number> {
    // A process that was stopped for a while finds its own turns here; they run, and its next renewal says so.
    const left = orphans.filter((row) => this.#registry.get(row.id) === undefined);
    let ended = 0;
    const worker = async (): Promise<void> => {
      for (let row = left.pop(); row !== undefined; row = left.pop()) if (await this.#endOne(row)) ended++;
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return ended;
  }

  async #endOne(row: StoredTurn): Promise<boolean> {
    try {
      return (await this.#takeOver.end({ row, document: decodeDocument(row) }, ownerLost)) !== undefined;
    } catch (error) {
      this.#watch.taskFailed('sweep', error);
      return false;
    }
  }
}
