import { describe, expect, it } from 'vitest';
import { faultsOf, reportOf } from './report.ts';
import type { Outcome } from './rounds.ts';

const round = (recoveryMs: number, offered = 100, accepted = 100): Outcome['rounds'][number] => ({
  offered,
  accepted,
  repeated: 1,
  recoveryMs,
  slowestMs: recoveryMs / 2,
  refusals: new Map(),
});

const outcome: Outcome = {
  victim: 'dialogue',
  rounds: [round(3_000), round(1_234), round(Infinity, 100, 97)],
  turns: 290,
  violations: [
    { kind: 'lost', subject: 'resp_1', detail: 'no terminal event' },
    { kind: 'renumbered', subject: 'resp_2', detail: 'its stream has 4 where 3 is due' },
  ],
  faults: ['round 3: turns were taken again after Infinity ms'],
};

describe('a report', () => {
  it('has a line for each victim, and below it what was wrong', () => {
    expect(
      reportOf([outcome, { ...outcome, victim: 'redis', violations: [], faults: [] }]).split('\n'),
    ).toEqual([
      '| victim | rounds | turns offered | accepted | sent again | turns checked | lost | doubled | renumbered | changed | recovery P50 | recovery max | slowest acceptance |',
      '| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |',
      '| dialogue | 3 | 300 | 99.00 % | 3 | 290 | 1 | 0 | 1 | 0 | 3.00 s | never | never |',
      '| redis | 3 | 300 | 99.00 % | 3 | 290 | 0 | 0 | 0 | 0 | 3.00 s | never | never |',
      '',
      '- dialogue: round 3: turns were taken again after Infinity ms',
      '- dialogue: lost: resp_1: no terminal event',
      '- dialogue: renumbered: resp_2: its stream has 4 where 3 is due',
    ]);
  });

  it('names the first of many faults, and how many more there are', () => {
    const faults = Array.from({ length: 30 }, (_, index) => `round ${index}`);
    const lines = faultsOf({ ...outcome, violations: [], faults });
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('- dialogue: and 10 more');
  });
});
