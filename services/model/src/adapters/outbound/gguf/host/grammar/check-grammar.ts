import { ParleyError } from '@parley/kernel';

const mostCharacters = 16_384;
const mostNesting = 16;

/**
 * Keeps out what the native reader of GBNF does not survive: it calls itself for every bracket, and some thousands of
 * them end the process. What is ambiguous can still take it very long: grammars are for callers that can be trusted.
 * @throws ParleyError `invalid_request`
 */
export function checkGrammar(grammar: string): void {
  if (grammar.length > mostCharacters) throw refused(`is longer than ${mostCharacters} characters`);
  let depth = 0;
  // Strings, sets of characters and comments may hold brackets that open nothing.
  for (const [bracket] of grammar
    .replaceAll(/"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|#.*/gu, '')
    .matchAll(/[()]/gu)) {
    depth += bracket === '(' ? 1 : -1;
    if (depth > mostNesting) throw refused(`nests brackets deeper than ${mostNesting}`);
  }
}

function refused(what: string): ParleyError {
  return new ParleyError('invalid_request', `The grammar ${what}.`, { param: 'format.gbnf.grammar' });
}
