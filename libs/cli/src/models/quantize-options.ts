import { InvalidArgumentError } from 'commander';

/** How a model is to be quantised, as the command line says it. */
export interface QuantizeOptions {
  readonly to: string;
  /** 0.85 to 1 */
  readonly keep?: number;
  readonly requantize?: boolean;
  readonly replace?: boolean;
}

/** The body of `POST /admin/v1/models/quantize`. */
export function quantizeBody(model: string, { to, keep, requantize, replace }: QuantizeOptions): object {
  return {
    model,
    format: to,
    ...(keep === undefined ? {} : { least_kept: keep }),
    ...(requantize === true ? { requantize } : {}),
    ...(replace === true ? { replace } : {}),
  };
}

/** A share of quality: `95%` or `0.95`. @throws InvalidArgumentError when it is none from 85 % to 100 %. */
export function parseShare(text: string): number {
  const number = Number(text.replace(/\s*%$/, ''));
  const share = text.endsWith('%') ? number / 100 : number;
  if (text.trim() !== '' && share >= 0.85 && share <= 1) return share;
  throw new InvalidArgumentError('It must be from 85% to 100%, or from 0.85 to 1.');
}

/** What to say when the job is done: whether the gate was passed, and how to go on. */
export function quantizedText({
  subject,
  notes,
}: {
  readonly subject: string;
  readonly notes: readonly string[];
}): string {
  return [`${subject} is here.`, ...notes.slice(-2)].join('\n');
}
