import { ParleyError } from '@parley/kernel';

/** Deeper JSON serves nobody and makes recursive code run out of stack. */
const maxJsonDepth = 64;

/** More values than any honest request has; each would cost a check. */
const maxJsonValues = 20_000;

/**
 * Text from a client as JSON. An empty one is undefined.
 * @param what it is, for messages
 * @throws ParleyError `invalid_request` when it is not JSON, or deeper or of more values than allowed
 */
export function parseJson(text: string, what = 'The body'): unknown {
  if (text.trim() === '') return undefined;
  const size = measure(text);
  if (size.depth > maxJsonDepth) {
    throw new ParleyError(
      'invalid_request',
      `${what} nests deeper than ${maxJsonDepth} levels. Send a flatter one.`,
    );
  }
  if (size.values > maxJsonValues) {
    throw new ParleyError('invalid_request', `${what} holds more than ${maxJsonValues} values. Send fewer.`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ParleyError(
      'invalid_request',
      `${what} is not valid JSON${whereIn(cause)}. Send one JSON object.`,
      { cause },
    );
  }
}

/** V8 names the place as "position N", and may quote the text, which an answer does not repeat. */
function whereIn(cause: unknown): string {
  const position = cause instanceof SyntaxError ? /position (\d+)/.exec(cause.message)?.[1] : undefined;
  return position === undefined ? '' : ` (at position ${position})`;
}

const char = {
  quote: 0x22,
  comma: 0x2c,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
};

/** Counts brackets and commas outside strings, in a loop: depth costs no stack. */
function measure(text: string): { depth: number; values: number } {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === char.backslash) i += 1;
      else if (code === char.quote) inString = false;
    } else if (code === char.quote) inString = true;
    else if (code === char.comma) values += 1;
    else if (code === char.openBracket || code === char.openBrace) {
      depth += 1;
      values += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === char.closeBracket || code === char.closeBrace) depth -= 1;
  }
  return { depth: deepest, values };
}
