import { DocumentError } from '@parley/config';
import type { DocumentFault, FaultPath, ParsedDocument } from '@parley/config';
import type { FlowDocument } from './flow-schema.ts';

/** A document whose shape is right; a LoadedDocument is one. */
export interface FlowSource {
  readonly digest: string;
  readonly parsed: ParsedDocument;
  readonly value: FlowDocument;
}

/** Gathers what is wrong with a document, so that its author sees all of it at once. */
export class FlowFaults {
  readonly #parsed: ParsedDocument;
  readonly #faults: DocumentFault[] = [];

  constructor(parsed: ParsedDocument) {
    this.#parsed = parsed;
  }

  add(path: FaultPath, message: string): void {
    this.#faults.push(...this.#parsed.error(path, message).faults);
  }

  /** @throws DocumentError when there is any fault. */
  throwAny(): void {
    if (this.#faults.length > 0) throw new DocumentError(this.#faults);
  }
}
