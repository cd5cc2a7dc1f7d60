import type { z } from 'zod';

/** Keys from the root of a document to a value. */
export type FaultPath = readonly PropertyKey[];

/** A schema's complaint about one place. */
export interface PathFault {
  readonly path: FaultPath;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** One fault per place: unknown keys each at their own place, of a union the alternative that fits best. */
export function faultsOfIssues(issues: readonly Issue[], base: FaultPath = []): PathFault[] {
  return issues.flatMap((issue) => faultsOfIssue(issue, [...base, ...issue.path]));
}

function faultsOfIssue(issue: Issue, path: FaultPath): PathFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not a known key here' }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const best = issue.errors.map((errors) => faultsOfIssues(errors, path)).sort(byFit)[0];
    if (best !== undefined && best.some((fault) => fault.path.length > path.length)) return best;
  }
  return [{ path, message: issue.message }];
}

/** The alternative whose complaints lie deepest, then the one with the fewest of them. */
function byFit(a: PathFault[], b: PathFault[]): number {
  const depth = (faults: PathFault[]): number => Math.max(0, ...faults.map((fault) => fault.path.length));
  return depth(b) - depth(a) || a.length - b.length;
}
