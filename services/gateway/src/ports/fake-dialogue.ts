import { ParleyError } from '@parley/kernel';
import type { LogEntry, StartTurn, Turn } from '../domain/turn.ts';
import type { Call } from './call.ts';
import type { Dialogue, LogBatches } from './dialogue.ts';

/** What one call gives: batches in order, and then an end or an error. */
export type Script = readonly (readonly LogEntry[] | ParleyError)[];

/** A dialogue that plays scripts, one per call of `start` or `attach`, and remembers what it was asked. */
export class FakeDialogue implements Dialogue {
  readonly started: StartTurn[] = [];
  readonly attached: { turnId: string; after: number | undefined }[] = [];
  readonly turns = new Map<string, Turn>();
  readonly #scripts: Script[];

  constructor(...scripts: Script[]) {
    this.#scripts = scripts;
  }

  start(command: StartTurn, _call: Call): LogBatches {
    this.started.push(command);
    return this.#play();
  }

  attach(turnId: string, after: number | undefined, _call: Call): LogBatches {
    this.attached.push({ turnId, after });
    return this.#play();
  }

  async cancel(turnId: string, call: Call): Promise<Turn> {
    const turn: Turn = { ...(await this.get(turnId, call)), status: 'cancelled' };
    this.turns.set(turnId, turn);
    return turn;
  }

  async get(turnId: string, _call: Call): Promise<Turn> {
    const turn = this.turns.get(turnId);
    if (turn === undefined) throw new ParleyError('not_found', `There is no turn ${turnId}.`);
    return await Promise.resolve(turn);
  }

  async delete(turnId: string, call: Call): Promise<void> {
    await this.get(turnId, call);
    this.turns.delete(turnId);
  }

  async *#play(): AsyncGenerator<readonly LogEntry[]> {
    for (const step of this.#scripts.shift() ?? []) {
      if (step instanceof ParleyError) throw step;
      yield await Promise.resolve(step);
    }
  }
}
