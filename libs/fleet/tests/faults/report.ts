import type { ViolationKind } from './checker.ts';
import type { Outcome } from './rounds.ts';

const shownDetails = 20;

/** The outcomes as a Markdown table, and below it what was wrong. */
export function reportOf(outcomes: readonly Outcome[]): string {
  const head = [
    'victim',
    'rounds',
    'turns offered',
    'accepted',
    'sent again',
    'turns checked',
    'lost',
    'doubled',
    'renumbered',
    'changed',
    'recovery P50',
    'recovery max',
    'slowest acceptance',
  ];
  const lines = [row(head), row(head.map((_, index) => (index === 0 ? '---' : '--:')))];
  const wrong = outcomes.flatMap(faultsOf);
  return [...lines, ...outcomes.map((outcome) => row(cells(outcome))), '', ...wrong].join('\n');
}

/** What was wrong with a victim's rounds, a line each. */
export function faultsOf({ victim, violations, faults }: Outcome): string[] {
  const all = [...faults, ...violations.map(({ kind, subject, detail }) => `${kind}: ${subject}: ${detail}`)];
  const shown = all.slice(0, shownDetails).map((line) => `- ${victim}: ${line}`);
  return all.length > shownDetails ? [...shown, `- ${victim}: and ${all.length - shownDetails} more`] : shown;
}

function cells({ victim, rounds, turns, violations }: Outcome): string[] {
  const sum = (of: (round: (typeof rounds)[number]) => number): number =>
    rounds.reduce((total, round) => total + of(round), 0);
  const offered = sum((round) => round.offered);
  const accepted = sum((round) => round.accepted);
  const count = (kind: ViolationKind): string =>
    String(violations.filter((violation) => violation.kind === kind).length);
  const recoveries = rounds.map(({ recoveryMs }) => recoveryMs).toSorted((one, other) => one - other);
  return [
    victim,
    String(rounds.length),
    String(offered),
    offered === 0 ? 'none' : `${((100 * accepted) / offered).toFixed(2)} %`,
    String(sum(({ repeated }) => repeated)),
    String(turns),
    count('lost'),
    count('doubled'),
    count('renumbered'),
    count('changed'),
    seconds(recoveries[Math.ceil(recoveries.length / 2) - 1]),
    seconds(recoveries.at(-1)),
    seconds(Math.max(...rounds.map(({ slowestMs }) => slowestMs))),
  ];
}

function seconds(ms: number | undefined): string {
  if (ms === undefined) return 'none';
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(2)} s` : 'never';
}

function row(values: readonly string[]): string {
  return `| ${values.join(' | ')} |`;
}
