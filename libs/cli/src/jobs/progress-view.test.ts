import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Job } from '../api/api-types.ts';
import { progressView } from './progress-view.ts';

const job: Job = {
  id: 'job_1',
  kind: 'model.pull',
  subject: 'a',
  state: 'running',
  stage: 'downloading',
  progress: 0,
  done_bytes: 0,
  total_bytes: 2048,
  notes: [],
  error: null,
  created_at: 0,
};

describe('the progress of a job', () => {
  it('is a bar on a terminal, with notes above it', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
    const listeners = process.listenerCount('SIGINT');
    {
      using view = progressView({
        out: () => undefined,
        err: () => undefined,
        terminal: stream as unknown as NodeJS.WriteStream,
      });
      view.show({ ...job, progress: 0.5, done_bytes: 1024 });
      view.say('hf: skipped');
      expect(process.listenerCount('SIGINT')).toBe(listeners);
    }
    const shown = String(stream.read());
    expect(shown).toContain('  hf: skipped\n');
    expect(shown).toMatch(/\[█{15}░{15}\] 50% {2}downloading {2}1\.0 KiB of 2\.0 KiB/);
  });

  it('is a line for each stage and each tenth elsewhere', () => {
    const lines: string[] = [];
    using view = progressView({ out: () => undefined, err: (line) => lines.push(line) });
    for (const progress of [0, 0.01, 0.09, 0.1, 0.11, 0.5])
      view.show({ ...job, progress, done_bytes: progress * 2048 });
    view.show({ ...job, stage: 'checking', total_bytes: 0 });
    expect(lines).toEqual([
      '  downloading 0% (– of 2.0 KiB)',
      '  downloading 10% (204 B of 2.0 KiB)'.replace('204', '205'),
      '  downloading 50% (1.0 KiB of 2.0 KiB)',
      '  checking',
    ]);
  });
});
