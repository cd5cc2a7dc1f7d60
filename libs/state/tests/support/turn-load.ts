import { newPublicId, newUuid } from '@parley/kernel';
import type { OutboxEvent, StateStore } from '../../src/ports.ts';

/** A step of a turn that the store has acknowledged. */
export interface AcknowledgedStep {
  readonly id: string;
  readonly step: 'accepted' | 'appended' | 'ended';
}

/** All loads write events of this one key beside those of their turns, so that they compete for its numbers. */
export const sharedKey = newPublicId('conv', 21);

function event(key: string, data: string): OutboxEvent {
  const common = { type: 'test', topic: 'test', subject: key, tenant: 'acme', occurredAtMs: Date.now() };
  return { ...common, id: newUuid(), key, data };
}

/** Runs turns on a store, several at once, and keeps what was acknowledged and what failed. */
export class TurnLoad {
  readonly acknowledged: AcknowledgedStep[] = [];
  readonly failures: unknown[] = [];
  readonly #store: StateStore;
  readonly #owner: string;
  #going = true;
  #workers: Promise<unknown> = Promise.resolve();

  constructor(store: StateStore, owner: string) {
    this.#store = store;
    this.#owner = owner;
  }

  start(atOnce: number): void {
    this.#workers = Promise.all(Array.from({ length: atOnce }, () => this.#work()));
  }

  async stop(): Promise<void> {
    this.#going = false;
    await this.#workers;
  }

  /** Ids of turns of which a step was acknowledged. */
  ids(step: AcknowledgedStep['step']): string[] {
    return this.acknowledged.filter((done) => done.step === step).map(({ id }) => id);
  }

  async #work(): Promise<void> {
    while (this.#going) await this.#turn().catch((error: unknown) => this.failures.push(error));
  }

  async #turn(): Promise<void> {
    const id = newPublicId('resp');
    const turn = { id, tenant: 'acme', stored: true, owner: this.#owner, createdAtMs: Date.now() };
    const events = [event(id, 'accepted'), event(sharedKey, id)];
    const fence = await this.#store.turns.accept(
      { ...turn, document: 'accepted' },
      [{ sequence: 0, body: '0' }],
      events,
    );
    this.acknowledged.push({ id, step: 'accepted' });
    const appended = [1, 2].map((sequence) => ({ sequence, body: `${sequence}` }));
    await this.#store.turnLogs.append(id, fence, appended);
    this.acknowledged.push({ id, step: 'appended' });
    await this.#store.turns.commit(id, fence, {
      document: 'ended',
      endedAtMs: Date.now(),
      entries: [3, 4].map((sequence) => ({ sequence, body: `${sequence}` })),
      events: [event(id, 'ended'), event(sharedKey, id)],
    });
    this.acknowledged.push({ id, step: 'ended' });
  }
}
