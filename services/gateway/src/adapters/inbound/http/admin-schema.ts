import { z } from 'zod';

const id = z.string().max(256).optional();
const conversation = id.describe('A conversation’s id, or a turn’s that belongs to none.');
const tenant = id.describe('Every tenant’s events, unless one is named.');
const time = z.iso
  .datetime({ offset: true, error: 'a time such as 2026-01-31T12:00:00Z' })
  .transform((text) => Date.parse(text));
const from = time.optional().describe('Events that happened at this time or later.');
const to = time.optional().describe('Events that happened before this time.');
const limit = z
  .string()
  .regex(/^\d{1,9}$/, { error: 'a whole number from 1 to 1000' })
  .transform(Number)
  .pipe(z.int().min(1).max(1000))
  .optional();
const after = z.string().max(256).optional();

/** The query of `GET /admin/v1/events`. */
export const eventsQuery = z.strictObject({
  conversation,
  turn: id,
  type: z
    .union([z.string().max(1024), z.array(z.string().max(256)).max(32)])
    .optional()
    .describe('Full event types, parted by commas or repeated.'),
  tenant,
  from,
  to,
  after: after.describe(
    'The `next` of the page before, a `cursor` or `reached`; `end` = after all that is recorded.',
  ),
  limit,
});

/** The body of `POST /admin/v1/export`. */
export const exportSchema = z.strictObject({
  conversation,
  turn: id,
  types: z.array(z.string().max(256)).max(64).optional().describe('Full event types; none = all.'),
  tenant,
  from,
  to,
  after: after.describe('The `cursor` of the last line of an export that was cut.'),
});

/** The query of `GET /admin/v1/events/dead-letters`. */
export const deadLettersQuery = z.strictObject({
  after: after.describe('The `next` of the page before.'),
  limit,
});

/** The body of `POST /admin/v1/events/dead-letters/retry`. */
export const retryLettersSchema = z.strictObject({
  ids: z
    .array(z.string().min(1).max(64))
    .min(1)
    .max(1000)
    .optional()
    .describe('All there are, unless some are named.'),
});

/** The query of `DELETE /admin/v1/users/{id}/data`. */
export const eraseQuery = z.strictObject({
  tenant: id.describe('The user’s tenant; that of the key unless named.'),
});
