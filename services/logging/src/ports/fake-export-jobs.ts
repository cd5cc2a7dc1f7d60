import type { ExportJob, ExportJobs } from './export-jobs.ts';

/** Remembers what is told, as short lines. */
export class FakeExportJobs implements ExportJobs {
  readonly lines: string[] = [];
  readonly cancelling = new AbortController();

  begin(id: string, subject: string): Promise<ExportJob> {
    this.lines.push(`begin ${id} ${subject}`);
    return Promise.resolve({
      signal: this.cancelling.signal,
      tell: (events, share) => void this.lines.push(`${events} events ${share}`),
      end: (error) => {
        this.lines.push(error === undefined ? 'succeeded' : `failed: ${error.message}`);
        return Promise.resolve();
      },
    });
  }
}
