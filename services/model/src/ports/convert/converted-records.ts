/** What is known of a converted file of the cache, kept beside it. */
export interface ConvertedRecord {
  /** The model's name, and its file in the cache. */
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  /** The folder that it was made of: its last part, and its digest. */
  readonly source: { readonly folder: string; readonly sha256: string };
  readonly architecture: string;
  /** How most weights are written: `f16`. */
  readonly format: string;
  /** What made it. */
  readonly tool: string;
  /** ISO 8601. */
  readonly madeAt: string;
  readonly contextTokens: number;
  /** As the file says; '' when it says nothing. */
  readonly license: string;
}

/** The records of the model cache. */
export interface ConvertedRecords {
  /** @throws CacheFault */
  put(record: ConvertedRecord): Promise<void>;
  /** Those that can be read and whose file is there, in order of name. */
  list(): Promise<ConvertedRecord[]>;
}
