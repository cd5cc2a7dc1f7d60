import { z } from 'zod';

const model = z.string().min(1).max(256).describe('A model’s name, as GET /admin/v1/models lists it.');
const alias = z.string().min(1).max(256).describe('An alias, as GET /admin/v1/models lists it.');

/** The body of `POST /admin/v1/models/pull`. */
export const pullSchema = z.strictObject({
  source: z
    .string()
    .min(1)
    .max(2048)
    .describe('A name of GET /admin/v1/models/catalog, or a URI of the scheme hf, https, file or pypi.'),
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
