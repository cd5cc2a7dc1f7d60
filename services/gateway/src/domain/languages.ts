const saneLanguages = /^[\w*,;=. -]{1,256}$/;

/**
 * The languages a client reads, best first, from its `Accept-Language`; '' when it does not say, or says it in a way
 * that is none. `*`, which Node's own client sends, says nothing.
 */
export function languagesOf(header: unknown): string {
  if (typeof header !== 'string') return '';
  const languages = header.trim();
  return languages !== '*' && saneLanguages.test(languages) ? languages : '';
}
