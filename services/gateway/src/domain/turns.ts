import type { Call } from '../ports/call.ts';
import type { Dialogue, LogBatches } from '../ports/dialogue.ts';
import type { TurnFollower } from './follow-turn.ts';
import type { RunningTurn, RunningTurns } from './running-turns.ts';
import { requireTurnId } from './turn-id.ts';
import type { StartTurn, Turn } from './turn.ts';

/** What a client of any protocol can do with turns. Ids from clients are checked here, once. */
export class Turns {
  readonly #dialogue: Dialogue;
  readonly #follower: TurnFollower;
  readonly #running: RunningTurns;

  constructor(dialogue: Dialogue, follower: TurnFollower, running: RunningTurns) {
    this.#dialogue = dialogue;
    this.#follower = follower;
    this.#running = running;
  }

  /** Takes a place for a turn that is about to be followed. @throws ParleyError `overloaded` */
  begin(controller?: AbortController): RunningTurn {
    return this.#running.begin(controller);
  }

  /** Starts a turn and follows its log to its end. @throws ParleyError `not_found` for an impossible previous turn */
  start(command: StartTurn, call: Call): LogBatches {
    if (command.previousTurnId !== '') requireTurnId(command.previousTurnId, 'previous_response_id');
    return this.#follower.start(command, call);
  }

  /** Follows a stored turn's log after a number. @throws ParleyError `not_found` for an impossible id */
  attach(turnId: string, after: number | undefined, call: Call): LogBatches {
    requireTurnId(turnId, 'response_id');
    return this.#follower.attach(turnId, after, call);
  }

  /** A stored turn as it is now. @throws ParleyError `not_found` */
  async get(turnId: string, call: Call): Promise<Turn> {
    requireTurnId(turnId, 'response_id');
    return await this.#dialogue.get(turnId, call);
  }

  /** Forgets a stored turn. @throws ParleyError `not_found`; `conflict` while it runs */
  async delete(turnId: string, call: Call): Promise<void> {
    requireTurnId(turnId, 'response_id');
    await this.#dialogue.delete(turnId, call);
  }

  /** Stops a turn and gives it as it is after the stop. @throws ParleyError `not_found` */
  async cancel(turnId: string, call: Call): Promise<Turn> {
    requireTurnId(turnId, 'response_id');
    return await this.#dialogue.cancel(turnId, call);
  }
}
