import { sql } from 'kysely';
import type { RawBuilder, SqlBool } from 'kysely';
import type { Cutoffs } from '../../../domain/retention-policy.ts';

/** The latest of all cutoffs: nothing from then on is due. */
export function latestCutoff({ others, tenants }: Cutoffs): number {
  return Math.max(others, ...tenants.values());
}

/** The condition that a row, which has a tenant, is older than its tenant's cutoff. @param time the column of its time */
export function isDue(
  time: 'occurred_at' | 'received_at',
  { others, tenants }: Cutoffs,
): RawBuilder<SqlBool> {
  const at = sql.ref(time);
  const named = [...tenants.keys()];
  const due = [...byCutoff(tenants)].map(
    ([cutoffMs, own]) => sql<SqlBool>`(tenant in (${sql.join(own)}) and ${at} < ${cutoffMs})`,
  );
  const unnamed = named.length === 0 ? sql<SqlBool>`1 = 1` : sql<SqlBool>`tenant not in (${sql.join(named)})`;
  return sql<SqlBool>`(${sql.join([...due, sql<SqlBool>`(${unnamed} and ${at} < ${others})`], sql` or `)})`;
}

function byCutoff(tenants: ReadonlyMap<string, number>): Map<number, string[]> {
  return Map.groupBy(tenants.keys(), (tenant) => tenants.get(tenant) ?? 0);
}
