import type { StoredTurn } from '../ports.ts';
import { fenceOf } from './fence-text.ts';
import { integerOf, listOf, optionalTextOf, textOf } from './reply.ts';

/** The fields of a turn's hash that `turnOf` needs, in its order. */
export const turnFields = ['tenant', 'stored', 'owner', 'fence', 'created', 'ended', 'document'] as const;

/** The turn of these fields; undefined when there is none. */
export function turnOf(id: string, reply: unknown): StoredTurn | undefined {
  const [tenant, stored, owner, fence, created, ended, document] = listOf(reply);
  if (optionalTextOf(fence) === undefined) return undefined;
  const endedAt = optionalTextOf(ended);
  return {
    id,
    tenant: textOf(tenant),
    stored: textOf(stored) === '1',
    ended: endedAt !== undefined,
    owner: textOf(owner),
    fence: fenceOf(textOf(fence)),
    document: textOf(document),
    createdAtMs: integerOf(created),
    endedAtMs: endedAt === undefined ? undefined : integerOf(endedAt),
  };
}
