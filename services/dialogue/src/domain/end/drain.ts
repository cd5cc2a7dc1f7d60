import type { EndRunningTurn } from './end-running-turn.ts';
import type { OutboxRelay } from '../outbox/outbox-relay.ts';
import type { TurnRegistry } from '../turn/turn-registry.ts';
import type { Upkeep } from '../upkeep/upkeep.ts';

/** How long each part of a shutdown may take in milliseconds, and how everybody else hears of it. */
export interface DrainSettings {
  /** For running turns to end by themselves. */
  readonly finishMs: number;
  /** For the rest to be ended and for the outbox to be emptied, each. */
  readonly settleMs: number;
  /** Aborted once no turn runs here any more. */
  readonly stopping: AbortController;
}

/** Ends this instance without losing a turn. */
export class Drain {
  readonly #registry: TurnRegistry;
  readonly #end: EndRunningTurn;
  readonly #relay: OutboxRelay;
  readonly #upkeep: Upkeep;
  readonly #settings: DrainSettings;

  constructor(
    registry: TurnRegistry,
    end: EndRunningTurn,
    relay: OutboxRelay,
    upkeep: Upkeep,
    settings: DrainSettings,
  ) {
    this.#registry = registry;
    this.#end = end;
    this.#relay = relay;
    this.#upkeep = upkeep;
    this.#settings = settings;
  }

  /** Lets turns end, ends the rest with the text they have, publishes, and gives back what others could take. */
  async run(): Promise<void> {
    const { finishMs, settleMs, stopping } = this.#settings;
    this.#registry.close();
    await this.#registry.untilIdle(AbortSignal.timeout(finishMs));
    for (const turn of this.#registry.turns) turn.stop('draining');
    await this.#registry.untilIdle(AbortSignal.timeout(settleMs));
    this.#end.giveUp();
    stopping.abort();
    // An event log that is away must not keep the shards from others.
    if (await this.#relay.stop(AbortSignal.timeout(settleMs)))
      await this.#relay.flush(AbortSignal.timeout(settleMs));
    await this.#upkeep.stop();
  }
}
