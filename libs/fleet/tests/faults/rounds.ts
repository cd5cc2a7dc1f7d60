import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { acceptanceFault, acceptanceOf } from './acceptance.ts';
import type { Acceptance } from './acceptance.ts';
import { violationsOf } from './checker.ts';
import type { SeenTurn, Violation } from './checker.ts';
import type { Fault } from './fault.ts';
import { Load } from './load.ts';
import type { LoadLimits } from './load.ts';
import type { World } from './world.ts';

/** What one victim's rounds came to. */
export interface Outcome {
  readonly victim: string;
  readonly rounds: readonly Acceptance[];
  /** Turns whose id a client received, in all rounds. */
  readonly turns: number;
  readonly violations: readonly Violation[];
  /** What was wrong beside that, each with its round. */
  readonly faults: readonly string[];
}

const defaultLoad: LoadLimits = { atOnce: 50, mostOffers: 3_000 };
/** The fault comes this long, by chance, after turns run: it meets them at every stage. */
const shortestLeadMs = 500;
const longestLeadMs = 3_000;
/** Turns are offered for this long after its cause is gone, longer where few are answered by then. */
const tailMs = 4_000;
/** A fleet that answers nothing is not waited for any longer. */
const patienceMs = 30_000;
/** The record has this long to hold the end of every turn that has ended for its client. */
const recordedWithinMs = 60_000;
/** Longer than it takes until an instance ends turns that it owns and does not run (20 s, then every 10 s). */
const unclaimedWithinMs = 45_000;

/** Strikes the victim once a round under load, then compares what clients saw with what the record holds. */
export async function strikeRounds(
  world: World,
  fault: Fault,
  rounds: number,
  load: LoadLimits = defaultLoad,
): Promise<Outcome> {
  const seen: SeenTurn[] = [];
  const acceptances: Acceptance[] = [];
  const faults: string[] = [];
  await world.record.readOn();
  world.record.forget();
  for (let round = 1; round <= rounds; round++) {
    await world.allReady();
    const { turns, acceptance } = await strikeOnce(world, fault, load);
    seen.push(...turns);
    acceptances.push(acceptance);
    const wrong = acceptanceFault(acceptance);
    if (wrong !== undefined)
      faults.push(`round ${round}: ${wrong}, refused: ${JSON.stringify([...acceptance.refusals])}`);
    await fault.settled?.(world).catch((error: unknown) => faults.push(`round ${round}: ${String(error)}`));
  }
  await world.record.untilEnded(world.record.openTurns, performance.now() + unclaimedWithinMs);
  const violations = violationsOf(seen, world.record.events);
  return { victim: fault.name, rounds: acceptances, turns: seen.length, violations, faults };
}

async function strikeOnce(
  world: World,
  fault: Fault,
  limits: LoadLimits,
): Promise<{ turns: SeenTurn[]; acceptance: Acceptance }> {
  const load = new Load(world.gateways, limits);
  let turns: SeenTurn[] = [];
  let struckAtMs = 0;
  let overAtMs = 0;
  const answered = (sinceMs: number) => (): boolean =>
    load.offers.filter(({ atMs }) => atMs >= sinceMs).length >= limits.atOnce / 2;
  try {
    await until(answered(0));
    await sleep(randomInt(shortestLeadMs, longestLeadMs));
    struckAtMs = performance.now();
    await fault.strike(world);
    overAtMs = performance.now();
    await sleep(tailMs);
    await until(answered(overAtMs));
  } finally {
    turns = await load.stop();
  }
  const ids = turns.map(({ id }) => id);
  await world.record.untilEnded(ids, performance.now() + recordedWithinMs);
  const acceptance = acceptanceOf(load.offers, { struckAtMs, overAtMs, covered: fault.covered });
  return { turns, acceptance };
}

/** Waits until something is so, or the patience is over. */
async function until(isSo: () => boolean): Promise<void> {
  for (const giveUpMs = performance.now() + patienceMs; !isSo() && performance.now() < giveUpMs;)
    await sleep(50);
}
