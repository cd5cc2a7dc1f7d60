import type { Embeddings } from '../ports/embedder.ts';

const bytesPerFloat = 4;

/** Vectors as OpenAI's list of embeddings. @param encoding `base64` is of little-endian 32-bit floats */
export function embeddingList({ model, vectors, inputTokens }: Embeddings, encoding: 'float' | 'base64') {
  return {
    object: 'list',
    data: vectors.map(
      (vector, index) =>
        ({
          object: 'embedding',
          index,
          embedding: encoding === 'base64' ? base64Of(vector) : vector,
        }) as const,
    ),
    model: model.name,
    system_fingerprint: model.digest.slice(0, 12),
    usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
  } as const;
}

function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * bytesPerFloat);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * bytesPerFloat);
  return bytes.toString('base64');
}
