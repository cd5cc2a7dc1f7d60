import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerText } from './answer-text.ts';

/** Feeds a text cut into tokens of the given byte lengths. */
function feed(text: string, sizes: readonly number[], stops: readonly string[] = []) {
  const answer = new AnswerText(stops);
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  const ids: number[] = [];
  let stopped = false;
  for (let at = 0, token = 0; at < bytes.length && !stopped; token++) {
    const size = sizes.length === 0 ? 1 : (sizes[token % sizes.length] ?? 1);
    const piece = answer.push(token, bytes.subarray(at, at + size));
    pieces.push(piece.text);
    ids.push(...piece.tokenIds);
    stopped = piece.stopped;
    at += size;
  }
  if (!stopped) {
    const rest = answer.end();
    pieces.push(rest.text);
    ids.push(...rest.tokenIds);
  }
  return { text: pieces.join(''), pieces, ids, stopped };
}

describe('the text of an answer', () => {
  it('never splits a character', () => {
    const { pieces, text } = feed('a你👋é', []);
    expect(text).toBe('a你👋é');
    expect(pieces.filter((piece) => piece !== '')).toEqual(['a', '你', '👋', 'é']);
  });

  it('gives the ids of a character with the token that completes it', () => {
    const answer = new AnswerText([]);
    const [first, second, third] = Buffer.from('你');
    expect(answer.push(7, Uint8Array.of(first ?? 0))).toEqual({ text: '', tokenIds: [], stopped: false });
    expect(answer.push(8, Uint8Array.of(second ?? 0)).tokenIds).toEqual([]);
    expect(answer.push(9, Uint8Array.of(third ?? 0))).toEqual({
      text: '你',
      tokenIds: [7, 8, 9],
      stopped: false,
    });
  });

  it('drops the bytes of a character that never became whole', () => {
    const answer = new AnswerText([]);
    answer.push(1, Buffer.from('ok'));
    answer.push(2, Uint8Array.of(0xe4, 0xbd));
    expect(answer.end()).toEqual({ text: '', tokenIds: [2], stopped: false });
  });

  it('holds back what may become a stop string, and gives it when it does not', () => {
    const { pieces, text } = feed('a<b<end>c', [], ['<end>']);
    expect(text).toBe('a<b');
    expect(pieces).not.toContain('<');
  });

  it('stops at the first of several stop strings', () => {
    expect(feed('one two three', [4], ['three', 'two']).text).toBe('one ');
  });

  it('stops where a stop string begins inside a token', () => {
    const { text, stopped } = feed('hello\nUser: hi', [9], ['\nUser:']);
    expect({ text, stopped }).toEqual({ text: 'hello', stopped: true });
  });

  it('is the text up to the first stop string, however it is cut into tokens', () => {
    const alphabet = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '你', '👋'), maxLength: 30 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '你'), minLength: 1, maxLength: 3 }), {
      maxLength: 4,
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(alphabet, stops, sizes, (text, stopStrings, cuts) => {
        const found = stopStrings
          .map((stop) => ({ at: text.indexOf(stop), end: text.indexOf(stop) + stop.length }))
          .filter(({ at }) => at >= 0)
          .toSorted((a, b) => a.end - b.end || a.at - b.at);
        const fed = feed(text, cuts, stopStrings);
        expect(fed.stopped).toBe(found.length > 0);
        // The one that is complete first counts, also where a longer one began before it.
        expect(fed.text).toBe(fed.stopped ? text.slice(0, found[0]?.at) : text);
        expect(fed.ids).toEqual(fed.ids.map((_, index) => index));
      }),
      { examples: [['你b你', ['你b你', 'b'], [1]]] },
    );
  });
});
