import type { Call } from './call.ts';

/** An event that could not be recorded. */
export interface DeadLetter {
  readonly id: string;
  readonly reason: string;
  readonly detail: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly eventId: string;
  readonly type: string;
  readonly tenant: string;
  readonly receivedAtMs: number;
  /** The payload, as far as it is text; '' where it was left out. */
  readonly data: string;
}

/** What trying dead letters again came to. */
export interface RetryOutcome {
  /** Letters that have left the list. */
  readonly recorded: number;
  /** Those that stay, without their payloads. */
  readonly refused: readonly DeadLetter[];
}

/** What administrators do to the record. Its methods throw ParleyError `unavailable` when logging does not answer. */
export interface RecordCare {
  /** `next` is '' when there is no further page yet. */
  deadLetters(
    page: { readonly after: string; readonly limit: number },
    call: Call,
  ): Promise<{ readonly letters: readonly DeadLetter[]; readonly next: string }>;
  /** @param ids none = all there are */
  retryDeadLetters(ids: readonly string[], call: Call): Promise<RetryOutcome>;
  /** @returns the id of the event that tells it; the texts are gone once that is recorded */
  eraseUser(tenant: string, endUser: string, call: Call): Promise<string>;
}
