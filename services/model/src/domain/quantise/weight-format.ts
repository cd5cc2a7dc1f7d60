import { ParleyError } from '@parley/kernel';

/** Ways to write weights that need no measurement of the model beforehand; the more bits, the nearer to the source. */
const weightFormats = [
  'q3_k_m',
  'q4_0',
  'q4_k_s',
  'q4_k_m',
  'q5_0',
  'q5_k_s',
  'q5_k_m',
  'q6_k',
  'q8_0',
  'f16',
  'bf16',
] as const;

/** How weights are written: `q4_k_m`. */
export type WeightFormat = (typeof weightFormats)[number];

/** @throws ParleyError `invalid_request` that names the formats there are. */
export function parseWeightFormat(text: string): WeightFormat {
  const format = weightFormats.find((known) => known === text.toLowerCase());
  if (format !== undefined) return format;
  const message = `There is no format "${text.slice(0, 50)}"; there are: ${weightFormats.join(', ')}.`;
  throw new ParleyError('invalid_request', message, { param: 'format' });
}

/** @throws ParleyError `invalid_request` when no model may have so long a name. */
export function quantisedName(source: string, format: WeightFormat): string {
  const name = `${source}-${format}`;
  if (name.length <= 63) return name;
  throw new ParleyError('invalid_request', `The name "${name}" would be longer than 63 characters.`, {
    param: 'model',
  });
}
