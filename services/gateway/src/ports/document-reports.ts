import type { Call } from './call.ts';

/** A configuration document that is in effect. */
interface LoadedDocument {
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  /** sha256 of its text. */
  readonly digest: string;
  /** Relative to the configuration folder. */
  readonly file: string;
}

/** What is wrong with a file as it lies now. */
interface DocumentFault {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** '' when the whole text is at fault. */
  readonly path: string;
  readonly message: string;
}

/** Where the present state differs from the files on purpose, such as an alias that was switched. */
interface Drift {
  readonly subject: string;
  readonly configured: string;
  readonly actual: string;
}

/** What one instance has loaded. */
export interface InstanceDocuments {
  readonly instanceId: string;
  /** Grows by one with every change that took effect. */
  readonly revision: number;
  readonly loadedAtMs: number | undefined;
  readonly documents: readonly LoadedDocument[];
  readonly faults: readonly DocumentFault[];
  readonly drifts: readonly Drift[];
}

/** An instance that was asked, and its answer or why there is none. */
export interface DocumentsAnswer {
  readonly service: string;
  readonly address: string;
  readonly outcome:
    | { readonly ok: true; readonly report: InstanceDocuments }
    | { readonly ok: false; readonly error: string };
}

/** Asks every instance that reads configuration documents. */
export interface DocumentReports {
  /** One answer for each address, also for those that did not answer; never throws for one that is away. */
  all(call: Call): Promise<readonly DocumentsAnswer[]>;
}
