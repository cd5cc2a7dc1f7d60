import type { Clock } from '@parley/kernel';
import type { RebuildStore, RebuiltTurn } from '@parley/state/ports';
import type { TurnRecord } from '../../ports/turn-record.ts';
import { encodeDocument } from './turn-document.ts';

/** How long the API gives stored turns back. */
export interface RecordedTurnsSettings {
  readonly clock: Clock;
  readonly storedTurnMs: number;
}

/** Brings turns that the state store has lost back from the record. */
export class RecordedTurns {
  readonly #record: TurnRecord;
  readonly #rebuild: RebuildStore;
  readonly #settings: RecordedTurnsSettings;

  constructor(record: TurnRecord, rebuild: RebuildStore, settings: RecordedTurnsSettings) {
    this.#record = record;
    this.#rebuild = rebuild;
    this.#settings = settings;
  }

  /**
   * Writes the turn back; one whose time is over stays forgotten.
   * @returns whether the store has it now.
   * @throws ParleyError `unavailable`.
   */
  async restore(id: string, tenant: string): Promise<boolean> {
    const document = await this.#record.find(id, tenant);
    const endedAtMs = document?.turn.endedAtMs;
    if (document === undefined || endedAtMs === undefined) return false;
    const { clock, storedTurnMs } = this.#settings;
    if (endedAtMs + storedTurnMs <= clock.now()) return false;
    const { createdAtMs } = document.turn;
    // Its log is gone: whoever attaches is told that the stream has expired.
    const kept = encodeDocument({ ...document, lastSequence: Number.MAX_SAFE_INTEGER });
    const turn: RebuiltTurn = { id, tenant, document: kept, createdAtMs, endedAtMs };
    await this.#rebuild.turn(turn);
    return true;
  }
}
