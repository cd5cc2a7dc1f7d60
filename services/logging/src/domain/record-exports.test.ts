import { describe, expect, it } from 'vitest';
import { openSqliteRecordStore } from '../adapters/outbound/sqlite/sqlite-record-store.ts';
import { FakeExportJobs } from '../ports/fake-export-jobs.ts';
import { incoming, shortcuts } from '../../tests/support/fixture.ts';
import { encodeCursor } from './cursor.ts';
import { RecordExports } from './record-exports.ts';
import { RecordReader } from './record-reader.ts';

const query = { filter: { tenant: 'acme' }, after: '', jobId: 'job_1' };

async function exportsOf(events: number): Promise<{ exports: RecordExports; jobs: FakeExportJobs }> {
  const store = openSqliteRecordStore(':memory:');
  await shortcuts(store).insert(
    ...Array.from({ length: events }, (_, n) => incoming('r', { id: `e${n + 1}` })),
  );
  const jobs = new FakeExportJobs();
  return { jobs, exports: new RecordExports(new RecordReader(store, { now: () => 0 }), jobs) };
}

describe('an export', () => {
  it('is a job that tells how far it is and that it succeeded', async () => {
    const { exports, jobs } = await exportsOf(250);
    const ids: string[] = [];
    for await (const { id } of exports.run(query, new AbortController().signal)) ids.push(id);
    expect(ids).toHaveLength(250);
    expect(jobs.lines).toEqual(['begin job_1 acme', '200 events 0.8', '250 events 1', 'succeeded']);
  });

  it('goes on after the last event that came', async () => {
    const { exports } = await exportsOf(5);
    const ids: string[] = [];
    for await (const { id } of exports.run(
      { ...query, after: encodeCursor(3) },
      new AbortController().signal,
    ))
      ids.push(id);
    expect(ids).toEqual(['e4', 'e5']);
  });

  it('whose reader leaves has failed, and says where to go on', async () => {
    const { exports, jobs } = await exportsOf(5);
    for await (const { id } of exports.run(query, new AbortController().signal)) if (id === 'e3') break;
    // The third was handed over, but whether it arrived nobody knows.
    expect(jobs.lines.at(-1)).toBe(
      `failed: Its reader has left. 2 events had been exported. Another export goes on with "after": "${encodeCursor(2)}".`,
    );
  });

  it('that is cancelled ends with the next event', async () => {
    const { exports, jobs } = await exportsOf(5);
    const ids: string[] = [];
    const run = async (): Promise<void> => {
      for await (const { id } of exports.run(query, new AbortController().signal)) {
        ids.push(id);
        if (id === 'e2') jobs.cancelling.abort(new Error('cancelled by somebody'));
      }
    };
    await expect(run()).rejects.toThrow('cancelled by somebody');
    expect(ids).toEqual(['e1', 'e2']);
    expect(jobs.lines.at(-1)).toContain('failed');
  });

  it('with a cursor that is none never begins', async () => {
    const { exports, jobs } = await exportsOf(1);
    const run = exports.run({ ...query, after: 'x' }, new AbortController().signal);
    await expect(run.next()).rejects.toMatchObject({ code: 'invalid_request', param: 'after' });
    expect(jobs.lines).toEqual([]);
  });
});
