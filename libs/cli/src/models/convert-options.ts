import { resolve } from 'node:path';

/** How a folder is to be converted, as the command line says it. */
export interface ConvertOptions {
  readonly name?: string;
  readonly preTokenizer?: string;
}

/** The body of `POST /admin/v1/models/convert`; the folder is one of the machine of the model service. */
export function convertBody(folder: string, { name, preTokenizer }: ConvertOptions): object {
  return {
    folder: resolve(folder),
    ...(name === undefined ? {} : { name }),
    ...(preTokenizer === undefined ? {} : { pre_tokenizer: preTokenizer }),
  };
}

/** What to say when the job is done. */
export function convertedText({ subject }: { readonly subject: string }): string {
  return [
    `${subject} is here. Load it with: parley models load ${subject}`,
    `Fewer bits: parley models quantize ${subject} --to q4_k_m`,
  ].join('\n');
}
