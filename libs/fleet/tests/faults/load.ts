import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Offer } from './acceptance.ts';
import type { SeenTurn } from './checker.ts';
import { finalOf, takeTurn } from './client.ts';
import type { Gateways } from './client.ts';

/** How much is offered. */
export interface LoadLimits {
  /** Turns at once; each ended one is followed by the next. */
  readonly atOnce: number;
  /** No more turns than this are offered. */
  readonly mostOffers: number;
}

const firstOffersMs = 1_000;
const afterRefusalMs = 250;
const finalsLimitMs = 45_000;
const finalsAtOnce = 8;

/** Clients that offer turns one after another and see each of them to its end, until they are told to stop. */
export class Load {
  readonly offers: Offer[] = [];
  readonly #gateways: Gateways;
  readonly #limits: LoadLimits;
  readonly #turns: Omit<SeenTurn, 'final'>[] = [];
  readonly #clients: Promise<void>[];
  #stopping = false;
  #begun = 0;

  constructor(gateways: Gateways, limits: LoadLimits) {
    this.#gateways = gateways;
    this.#limits = limits;
    this.#clients = Array.from({ length: limits.atOnce }, () => this.#client());
    // A client that fails while others run must not end the process; `stop` tells it.
    for (const client of this.#clients) client.catch(() => undefined);
  }

  /** Offers no more, waits for the turns that run, and asks the API for the end of each. */
  async stop(): Promise<SeenTurn[]> {
    this.#stopping = true;
    await Promise.all(this.#clients);
    const untilMs = performance.now() + finalsLimitMs;
    const left = [...this.#turns];
    const seen: SeenTurn[] = [];
    const worker = async (): Promise<void> => {
      for (let turn = left.pop(); turn !== undefined; turn = left.pop())
        seen.push({ ...turn, final: await finalOf(this.#gateways, turn.id, untilMs) });
    };
    await Promise.all(Array.from({ length: finalsAtOnce }, worker));
    return seen;
  }

  async #client(): Promise<void> {
    await sleep(randomInt(firstOffersMs));
    while (!this.#stopping && this.#begun < this.#limits.mostOffers) {
      this.#begun++;
      const turn = await takeTurn(this.#gateways, (offer) => this.offers.push(offer));
      if (turn === undefined) await sleep(afterRefusalMs);
      else this.#turns.push(turn);
    }
  }
}
