/** One thing that is wrong with a document. */
export interface DocumentFault {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** `spec.context.tokens`; '' = the document as a whole. */
  readonly path: string;
  /** What was expected. */
  readonly message: string;
}

/** `assistants/helper.yaml:7: spec.model: …`, one line. */
export function faultText({ file, line, path, message }: DocumentFault): string {
  return `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** A configuration document is not usable; carries every fault with its place. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly faults: DocumentFault[];

  constructor(faults: DocumentFault[]) {
    super(faults.map(faultText).join('\n'));
    this.faults = faults;
  }
}
