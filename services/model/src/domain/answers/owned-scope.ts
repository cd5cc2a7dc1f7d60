/** A cache scope as engines know it: whatever its name is, it is its tenant's alone. '' stays ''. */
export function ownedScope(tenant: string, scope: string): string {
  return scope === '' ? '' : `${tenant}\0${scope}`;
}
