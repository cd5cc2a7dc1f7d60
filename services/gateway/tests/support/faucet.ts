import type { DialoguePeer } from './dialogue-peer.ts';
import type { PeerTurn } from './peer-turn.ts';

/** An answer whose texts a test lets out one by one. */
export class Faucet {
  #waiting = Promise.withResolvers<string | undefined>();
  readonly #texts: (string | undefined)[] = [];

  readonly answer: DialoguePeer['answer'] = (_request, turn) => this.#run(turn);

  say(text: string | undefined): void {
    this.#texts.push(text);
    this.#waiting.resolve(undefined);
    this.#waiting = Promise.withResolvers();
  }

  async *#run(turn: PeerTurn): AsyncGenerator<string> {
    const cancelled = new Promise<void>((resolve) =>
      turn.cancelled.addEventListener('abort', () => resolve()),
    );
    for (;;) {
      while (this.#texts.length === 0) {
        await Promise.race([this.#waiting.promise, cancelled]);
        if (turn.cancelled.aborted) return;
      }
      const text = this.#texts.shift();
      if (text === undefined) return;
      yield text;
    }
  }
}
