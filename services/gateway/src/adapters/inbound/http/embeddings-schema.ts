import { z } from 'zod';
import type { EmbeddingsRequest } from '../../../domain/embeddings-request.ts';
import { endUser, modelName } from './shared-schemas.ts';

/** As many as OpenAI takes. */
const maxTexts = 2048;

const text = z.string().min(1);

/** The body of `POST /v1/embeddings`. Fields it does not name are ignored. */
export const embeddingsSchema = z.object({
  model: modelName,
  input: z.union([text, z.array(text).min(1).max(maxTexts)]),
  encoding_format: z
    .enum(['float', 'base64'])
    .nullish()
    .describe('float unless set; base64 is of little-endian 32-bit floats.'),
  user: endUser,
}) satisfies z.ZodType<EmbeddingsRequest>;
