import type { RecordTransaction } from '../ports/record-store.ts';
import { planBatch } from './batch-plan.ts';
import type { BatchPlan } from './batch-plan.ts';
import type { DeadLetter } from './dead-letter.ts';
import { erasedEvent, erasedLetter } from './erased-text.ts';
import type { IncomingEvent } from './recorded-event.ts';

/** Writes what is new of a batch, without the text of users who have been erased, and answers what became of each. */
export async function recordBatch<E extends IncomingEvent>(
  transaction: RecordTransaction,
  batch: readonly E[],
  recordedAtMs: number,
): Promise<BatchPlan<E>> {
  const plan = planBatch(batch, {
    events: await transaction.knownEvents(batch),
    endedTurns: await transaction.endedTurns(
      batch.filter((event) => event.endsTurn).map((event) => event.turnId),
    ),
  });
  const erasedUntil = await transaction.erasures.until(usersOf(plan.store));
  const events = plan.store.map((event) => erasedEvent(event, erasedUntil.get(event.user)) ?? event);
  await transaction.insertEvents(events, recordedAtMs);
  return plan;
}

/** Keeps letters, without the text of users who have been erased, and answers those that were not there before. */
export async function keepLetters(
  transaction: RecordTransaction,
  letters: readonly DeadLetter[],
  receivedAtMs: number,
): Promise<DeadLetter[]> {
  const erasedUntil = await transaction.erasures.until(usersOf(letters));
  const kept = letters.map((letter) => erasedLetter(letter, erasedUntil.get(letter.user)) ?? letter);
  return transaction.letters.insert(kept, receivedAtMs);
}

function usersOf(rows: readonly { readonly user: string }[]): string[] {
  return [...new Set(rows.map(({ user }) => user))].filter((user) => user !== '');
}
