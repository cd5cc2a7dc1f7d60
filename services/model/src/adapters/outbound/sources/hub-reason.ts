const reasons: Readonly<Record<string, string>> = {
  GatedRepo:
    'it is gated: consent to its terms on its page at the hub, and set PARLEY_HF_TOKEN to a token of the account that consented.',
  RepoNotFound:
    'there is no such repository, or it is private; PARLEY_HF_TOKEN gives access to private ones.',
  RevisionNotFound: 'the repository has no such revision.',
  EntryNotFound: 'the repository has no such file in this revision.',
};

/** What a hub says about a request that it refuses; undefined when it is no hub that speaks. */
export function hubReason({ status, headers }: Response): string | undefined {
  if (status < 400) return undefined;
  const code = headers.get('x-error-code') ?? '';
  const reason = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (reason !== undefined) return reason;
  if (headers.get('x-error-message') === 'Access to this resource is disabled.')
    return 'the hub has disabled it.';
  return undefined;
}
