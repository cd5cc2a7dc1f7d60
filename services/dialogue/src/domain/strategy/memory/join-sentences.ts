/** Ends of sentences after which no space is written. */
const wideEnd = /[\u3000-\u303f\uff00-\uffef]$/u;

/**
 * Instructions followed by what is known of the user: in the same line where the instructions are one line, as small
 * models are used to it, else in a line of its own.
 */
export function joinSentences(instructions: string, sentences: readonly string[]): string {
  const known = sentences.reduce(joined, '');
  if (instructions === '' || known === '') return instructions + known;
  return instructions.includes('\n') ? `${instructions}\n\n${known}` : joined(instructions, known);
}

function joined(text: string, next: string): string {
  if (text === '') return next;
  return wideEnd.test(text) ? text + next : `${text} ${next}`;
}
