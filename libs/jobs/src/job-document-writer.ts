import type { ParleyError } from '@parley/kernel';
import type { StoredJob } from '@parley/state/ports';
import { parseJobDocument } from './job-document.ts';
import type { JobDocument } from './job-document.ts';
import type { JobProgress } from './job-work.ts';

/** A person sees no difference below it, and a store feels one. */
const saveEveryMs = 250;
const maxNotes = 100;
const maxNoteLength = 500;

/** Where the document goes. */
export interface DocumentSink {
  readonly save: (document: string) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** A running job's document: changed by its work, saved now and then. */
export class JobDocumentWriter {
  readonly progress: JobProgress;
  readonly #sink: DocumentSink;
  #document: JobDocument;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> | undefined;
  #unsaved = false;
  #closed = false;

  constructor(job: StoredJob, signal: AbortSignal, sink: DocumentSink) {
    this.#sink = sink;
    this.#document = parseJobDocument(job.document);
    this.progress = {
      signal,
      stage: (stage) => this.#change({ stage }),
      share: (done) => this.#change({ progress: Math.min(1, Math.max(0, done)) }),
      bytes: (doneBytes, totalBytes) => {
        const progress = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : this.#document.progress;
        this.#change({ doneBytes, totalBytes, progress });
      },
      note: (line) => {
        const notes = [...this.#document.notes, line.slice(0, maxNoteLength)].slice(-maxNotes);
        this.#change({ notes });
      },
    };
  }

  /** The document as it is now, as text. */
  text(error?: ParleyError): string {
    if (error === undefined) return JSON.stringify(this.#document);
    const { code, message, retryable } = error;
    return JSON.stringify({ ...this.#document, error: { code, message, retryable } });
  }

  /** Takes no more changes, and waits for a save on its way. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#saving;
  }

  #change(change: Partial<JobDocument>): void {
    if (this.#closed) return;
    this.#document = { ...this.#document, ...change };
    this.#unsaved = true;
    if (this.#saving === undefined) this.#timer ??= setTimeout(() => this.#save(), saveEveryMs);
  }

  #save(): void {
    this.#timer = undefined;
    this.#unsaved = false;
    this.#saving = this.#sink
      .save(this.text())
      .catch((error: unknown) => this.#sink.onError(error))
      .finally(() => {
        this.#saving = undefined;
        if (this.#unsaved) this.#change({});
      });
  }
}
