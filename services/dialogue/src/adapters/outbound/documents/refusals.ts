import { DocumentError } from '@parley/config';
import type { DocumentFault, LoadedDocument } from '@parley/config';

/** The documents that could not be used, and why. */
export class Refusals {
  readonly faults: DocumentFault[] = [];
  readonly documents = new Set<LoadedDocument>();

  refuse(document: LoadedDocument, faults: readonly DocumentFault[]): void {
    this.documents.add(document);
    this.faults.push(...faults);
  }

  /** What `make` makes; undefined when it finds the document at fault. @throws what is no fault of the document. */
  attempt<T>(document: LoadedDocument, make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      this.refuse(document, error.faults);
      return undefined;
    }
  }
}
