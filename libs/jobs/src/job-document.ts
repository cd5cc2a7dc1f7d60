/** How a job ended badly, as it is stored and shown. */
export interface JobFault {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** What the store keeps of a job's progress without looking into it. */
export interface JobDocument {
  readonly stage: string;
  readonly progress: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly notes: readonly string[];
  readonly error?: JobFault;
}

/** That of a job which has not started. */
export const emptyJobDocument: JobDocument = {
  stage: '',
  progress: 0,
  doneBytes: 0,
  totalBytes: 0,
  notes: [],
};

/** Reads what `JSON.stringify` made of a document; fields that another version left out are empty. */
export function parseJobDocument(text: string): JobDocument {
  return { ...emptyJobDocument, ...(JSON.parse(text) as Partial<JobDocument>) };
}
