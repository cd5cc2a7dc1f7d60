import { createHash } from 'node:crypto';

/**
 * The scope in which the prompts of one end user of one tenant may share what a model has read of them: what a user says
 * in one conversation is no secret to their others.
 */
export function cacheScopeOf({ tenant, endUser }: { tenant: string; endUser: string }): string {
  return JSON.stringify(['user', tenant, endUser]);
}

/** A scope as models hear it, who have no need to know of users: its SHA-256 in base64url; '' stays ''. */
export function opaqueScope(scope: string): string {
  return scope === '' ? '' : createHash('sha256').update(scope).digest('base64url');
}
