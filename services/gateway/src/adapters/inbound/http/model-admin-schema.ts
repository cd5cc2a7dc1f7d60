import { z } from 'zod';

const model = z.string().min(1).max(256).describe('A model’s name, as GET /admin/v1/models lists it.');
const alias = z.string().min(1).max(256).describe('An alias, as GET /admin/v1/models lists it.');

/** The body of `POST /admin/v1/models/pull`. */
export const pullSchema = z.strictObject({
  source: z
    .string()
    .min(1)
    .max(2048)
    .describe(
      'A name of GET /admin/v1/models/catalog, or a URI of the scheme hf, https, file, pypi, ollama, lmstudio or llamacpp.',
    ),
});

/** The body of `POST /admin/v1/models/prune`; it may be missing. */
export const pruneSchema = z.strictObject({
  dry_run: z.boolean().default(false).describe('Only say what would be removed.'),
  max_bytes: z
    .int()
    .min(1)
    .optional()
    .describe('The bound; without it the configured one, PARLEY_MODEL_CACHE_MAX_BYTES.'),
});

/** The body of `POST /admin/v1/models/quantize`. */
export const quantizeSchema = z.strictObject({
  model,
  format: z.string().min(1).max(32).describe('How the weights are to be written, for example q4_k_m.'),
  least_kept: z
    .number()
    .min(0.85)
    .max(1)
    .default(0.95)
    .describe('The share of the quality that the result must keep to answer to the model’s name.'),
  requantize: z
    .boolean()
    .default(false)
    .describe('Whether weights that are quantised already may be quantised again, which loses more.'),
  replace: z
    .boolean()
    .default(false)
    .describe('Whether the result takes the model’s name and aliases, if it passes its quality gate.'),
});

/** The body of `POST /admin/v1/models/convert`. */
export const convertSchema = z.strictObject({
  folder: z
    .string()
    .min(1)
    .max(4096)
    .describe('The absolute path of a folder with safetensors, on the machine of the model service.'),
  name: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/, {
      error: 'lower-case letters, digits, ".", "_" and "-"',
    })
    .optional()
    .describe('What the model is to be called; without it as the folder is.'),
  pre_tokenizer: z
    .string()
    .regex(/^[\w.-]{1,64}$/, { error: 'a word of llama.cpp such as qwen2' })
    .optional()
    .describe('How a text is cut before it becomes tokens, where the converter does not find out by itself.'),
});

/** The body of `POST /admin/v1/models/load` and `…/unload`. */
export const modelSchema = z.strictObject({ model });

/** The body of `POST /admin/v1/models/switch`. */
export const switchSchema = z.strictObject({ alias, model });

/** The body of `POST /admin/v1/models/rollback`. */
export const rollbackSchema = z.strictObject({ alias });

/** The query of `GET /admin/v1/jobs`. */
export const jobsQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,9}$/, { error: 'a whole number from 1 to 200' })
    .transform(Number)
    .pipe(z.int().min(1).max(200))
    .optional(),
});

/** The body of `POST /admin/v1/jobs/{id}/cancel`: none, or an empty object. */
export const emptySchema = z.strictObject({}).nullish();
