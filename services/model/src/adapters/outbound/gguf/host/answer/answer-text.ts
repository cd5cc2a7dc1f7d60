import { StringDecoder } from 'node:string_decoder';
import { StopMatcher } from '../../../engine-parts/stop-matcher.ts';

/** A piece of an answer that may be sent. */
export interface TextPiece {
  readonly text: string;
  /** Ids of the tokens that are in the text by now and were not given before. */
  readonly tokenIds: readonly number[];
  /** A stop string was met. */
  readonly stopped: boolean;
}

/** Turns an answer's tokens into text: whole characters only, and nothing of a stop string. */
export class AnswerText {
  readonly #decoder = new StringDecoder('utf8');
  readonly #stops: StopMatcher;
  #pendingIds: number[] = [];

  constructor(stops: readonly string[]) {
    this.#stops = new StopMatcher(stops);
  }

  /** Takes a token; the text is '' while a character or a possible stop string is incomplete. */
  push(tokenId: number, bytes: Uint8Array): TextPiece {
    this.#pendingIds.push(tokenId);
    const { text, stopped } = this.#stops.push(this.#decoder.write(bytes));
    return this.#piece(text, stopped);
  }

  /** The rest, once no more tokens come. Bytes of a character that never became whole are dropped. */
  end(): TextPiece {
    return this.#piece(this.#stops.end(), false, true);
  }

  #piece(text: string, stopped: boolean, last = false): TextPiece {
    if (text === '' && !stopped && !last) return { text, tokenIds: [], stopped };
    const tokenIds = this.#pendingIds;
    this.#pendingIds = [];
    return { text, tokenIds, stopped };
  }
}
