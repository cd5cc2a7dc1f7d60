import { ParleyError } from '@parley/kernel';

/** The body of `POST /v1/embeddings`, checked. Fields that are not here change nothing. */
export interface EmbeddingsRequest {
  readonly model: string;
  readonly input: string | readonly string[];
  readonly encoding_format?: 'float' | 'base64' | null | undefined;
}

/** The texts a request wants vectors of, one vector each. */
export function embeddedTexts({ input }: EmbeddingsRequest): readonly string[] {
  return [input].flat().map((text) => text.toWellFormed());
}

/** @throws ParleyError `unsupported` for an input of token ids, OpenAI's other form of it */
export function rejectTokenIds(body: unknown): void {
  if (typeof body !== 'object' || body === null || !('input' in body) || !Array.isArray(body.input)) return;
  if (!body.input.some((entry) => typeof entry === 'number' || Array.isArray(entry))) return;
  throw new ParleyError(
    'unsupported',
    '`input` holds token ids, which are not supported here: each model has its own. Send text, a string or an array of strings.',
    { param: 'input' },
  );
}
