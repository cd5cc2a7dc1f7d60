import type { EndReason, EngineRequest } from '../../../ports/engine.ts';
import { hashOf, Random } from './random.ts';

const opening = ['This', ' is', ' a', ' simulated', ' answer', '.'];
const words = (
  'river stone window garden letter music winter bridge yellow market silver morning paper island ' +
  'quiet summer story forest ocean candle mirror travel simple gentle number circle answer planet'
).split(' ');
const sentenceLength = 9;

/** A token of the made-up tokenizer: a word or a mark, with the space before it. */
export interface SimulatedToken {
  readonly id: number;
  readonly text: string;
}

/** What an answer will say, and why it will end. */
export interface SimulatedAnswer {
  readonly tokens: readonly SimulatedToken[];
  readonly reason: EndReason;
}

/** The tokens of a text: what stands between spaces. */
export function countWords(text: string): number {
  return text.match(/\S+/gu)?.length ?? 0;
}

/** The same request always gets the same answer. @param room tokens that the context leaves */
export function simulatedAnswer(request: EngineRequest, tokens: number, room: number): SimulatedAnswer {
  const { messages, sampling, maxOutputTokens, stop } = request;
  const limit = maxOutputTokens === 0 ? room : Math.min(maxOutputTokens, room);
  const seed = hashOf(JSON.stringify([messages, sampling.seed ?? 0]));
  const said = tokensOf(Math.min(tokens, limit), new Random(seed));
  return cutAtStop(said, stop) ?? { tokens: said, reason: tokens > limit ? 'length' : 'stop' };
}

function tokensOf(count: number, random: Random): SimulatedToken[] {
  return Array.from({ length: count }, (_, index) => {
    const opened = opening[index];
    if (opened !== undefined) return { id: index, text: opened };
    const place = (index - opening.length) % (sentenceLength + 1);
    if (place === sentenceLength) return { id: opening.length - 1, text: '.' };
    const choice = Math.floor(random.next() * words.length);
    const word = words[choice] ?? '';
    const written = place === 0 ? `${word.charAt(0).toUpperCase()}${word.slice(1)}` : word;
    return { id: opening.length + choice, text: ` ${written}` };
  });
}

/** The answer up to the first stop string; undefined when there is none in it. */
function cutAtStop(tokens: readonly SimulatedToken[], stop: readonly string[]): SimulatedAnswer | undefined {
  const text = tokens.map((token) => token.text).join('');
  const places = stop.map((wanted) => text.indexOf(wanted)).filter((place) => place !== -1);
  if (places.length === 0) return undefined;
  let left = Math.min(...places);
  const kept: SimulatedToken[] = [];
  for (const token of tokens) {
    if (left <= 0) break;
    kept.push({ ...token, text: token.text.slice(0, left) });
    left -= token.text.length;
  }
  return { tokens: kept, reason: 'stop' };
}
