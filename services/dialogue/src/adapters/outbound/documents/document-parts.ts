import { z } from 'zod';

/** Parts that the documents of this service share. */
export const documentName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, {
  error:
    'must be 1 to 63 lower-case letters, digits, dots, hyphens or underscores, the first a letter or digit',
});

export const locale = z.string().regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$/, {
  error: 'must be a language such as en or zh-CN',
});

/** A text that users see, in at least one language. */
export const localeText = z
  .record(locale, z.string().min(1).max(20_000))
  .refine((texts) => Object.keys(texts).length > 0, { error: 'must have a text in at least one language' });

export const metadata = z.strictObject({
  name: documentName,
  version: z.string().regex(/^\d+\.\d+\.\d+$/, { error: 'must be three numbers, such as 1.0.0' }),
  title: z.record(locale, z.string()).default({}),
  description: z.record(locale, z.string()).default({}),
});

/** A field of the design that this version does not have. */
export function notThereYet(what: string) {
  return z
    .never({ error: `is not there yet: this version of Parley has no ${what}; leave it out` })
    .optional();
}
