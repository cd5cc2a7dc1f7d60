const free = new Set([
  'apache-2.0',
  'mit',
  'bsd-2-clause',
  'bsd-3-clause',
  'isc',
  'unlicense',
  'cc0-1.0',
  'cc-by-4.0',
  'cc-by-sa-4.0',
]);

/** Whether a licence of that identifier allows commercial use; undefined: somebody has to read it. */
export function allowsCommercialUse(license: string): boolean | undefined {
  const known = license.toLowerCase();
  if (free.has(known)) return true;
  return /(^|-)nc(-|$)|non-?commercial/.test(known) ? false : undefined;
}
