import { ParleyError } from '@parley/kernel';
import type { ModelInspection } from '../../ports/model-files.ts';
import { isOfFamily } from '../models/model-family.ts';
import type { ModelDefinition } from '../models/model-definition.ts';

/** What precision a kind of quantisation has; undefined for one between those that documents name. */
export type PrecisionOf = (quantization: string) => string | undefined;

/**
 * Compares what a document says of its weights with what their file says.
 * @throws ParleyError `config_invalid` that names both, and the place in the document.
 */
export function requireExpected(
  { name, expected }: Pick<ModelDefinition, 'name' | 'expected'>,
  inspection: ModelInspection,
  precisionOf: PrecisionOf,
): void {
  if (expected === undefined) return;
  const { family, precision, places } = expected;
  const { architecture, quantization = '' } = inspection;
  if (family !== undefined && !isOfFamily(family, architecture)) {
    const message = `Model "${name}" is to be of the family "${family}", but its file has the architecture "${architecture}".`;
    throw refused(places.family, message);
  }
  if (precision !== undefined && quantization !== '' && precisionOf(quantization) !== precision) {
    const message =
      `Model "${name}" is to have the precision ${precision}, but its file is ${quantization}` +
      `${saying(precisionOf(quantization))}. A folder as path may hold a file of each; ` +
      `parley models quantize makes a smaller one.`;
    throw refused(places.precision, message);
  }
}

function saying(precision: string | undefined): string {
  return precision === undefined ? '' : ` (${precision})`;
}

function refused(place: string | undefined, message: string): ParleyError {
  return new ParleyError('config_invalid', place === undefined ? message : `${place}: ${message}`);
}
