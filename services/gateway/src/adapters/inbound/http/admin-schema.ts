import { z } from 'zod';

const id = z.string().max(256).optional();

/** The query of `GET /admin/v1/events`. */
export const eventsQuery = z.strictObject({
  conversation: id.describe('A conversation’s id, or a turn’s that belongs to none.'),
  turn: id,
  type: z
    .union([z.string().max(1024), z.array(z.string().max(256)).max(32)])
    .optional()
    .describe('Full event types, parted by commas or repeated.'),
  after: z.string().max(256).optional().describe('The `next` of the page before.'),
  limit: z
    .string()
    .regex(/^\d{1,9}$/, { error: 'a whole number from 1 to 1000' })
    .transform(Number)
    .pipe(z.int().min(1).max(1000))
    .optional(),
});
