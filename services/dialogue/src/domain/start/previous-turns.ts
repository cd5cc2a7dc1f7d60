import { ParleyError } from '@parley/kernel';
import type { KnownTurn, StoredTurns } from '../turn/stored-turns.ts';
import type { StrategyState } from '../strategy/strategy.ts';
import type { Item } from '../turn/turn.ts';

const longestChain = 200;
/** No model's context holds more, and one call to the model carries it. */
const mostCharacters = 4 * 1024 * 1024;
const param = 'previous_turn_id';

/** What a turn follows. */
export interface PreviousConversation {
  /** Input and output of all turns before, oldest first. */
  readonly items: readonly Item[];
  /** What strategies kept after the last of them. */
  readonly states: readonly StrategyState[];
}

/** What was said before: the chain of turns that a new turn follows. */
export class PreviousTurns {
  readonly #turns: StoredTurns;

  constructor(turns: StoredTurns) {
    this.#turns = turns;
  }

  /**
   * The turn and all before it. Instructions are each turn's own and are left out.
   * @throws ParleyError `not_found` when one is missing or another tenant's, `conflict` while one runs.
   */
  async conversation(turnId: string, tenant: string): Promise<PreviousConversation> {
    const chain: KnownTurn[] = [];
    let characters = 0;
    for (let id = turnId; id !== '';) {
      if (chain.length === longestChain || characters > mostCharacters) throw tooLong();
      const known = await this.#turns.findStored(id, tenant, param);
      if (!known.row.ended) throw stillRuns(id);
      chain.push(known);
      characters += known.row.document.length;
      id = known.document.turn.previousTurnId;
    }
    const documents = chain.toReversed().map(({ document }) => document);
    return {
      items: documents.flatMap(({ turn }) => [...turn.input, ...turn.output]),
      states: documents.at(-1)?.strategies ?? [],
    };
  }
}

function stillRuns(id: string): ParleyError {
  return new ParleyError('conflict', `Response '${id}' has not ended; a turn can follow it once it has.`, {
    param,
  });
}

function tooLong(): ParleyError {
  const limits = `${longestChain} responses or ${mostCharacters} characters`;
  const message = `The conversation is longer than ${limits}; start a new one with a summary of it.`;
  return new ParleyError('invalid_request', message, { param });
}
