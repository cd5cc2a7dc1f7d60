import { ParleyError, toParleyError } from '@parley/kernel';
import { z } from 'zod';
import { parseJson } from '../../../domain/json-text.ts';
import type { FrameOrigin } from '../../../domain/response-frame-view.ts';
import type { IdempotencyKey } from '../../../ports/call.ts';
import { check } from '../http/validation.ts';
import { idempotencyKey } from '../idempotency.ts';

const name = z.string().min(1).max(256);
const names = { event_id: name.nullish(), stream_id: name.nullish() };
const responseId = z.string().max(128);

const frameSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('response.create'), ...names }),
  z.object({ type: z.literal('response.cancel'), response_id: responseId, ...names }),
  z.object({
    type: z.literal('response.attach'),
    response_id: responseId,
    starting_after: z.int().min(0).nullish(),
    ...names,
  }),
  z.object({ type: z.literal('ping'), ...names }),
]);

/** What a client may send. */
export type ClientFrame = z.infer<typeof frameSchema>;

/** A frame as it was understood, or why it was not; `origin` is what it told about itself in any case. */
export type ReadFrame = { readonly origin: FrameOrigin } & (
  | { readonly frame: ClientFrame }
  | { readonly fault: ParleyError }
);

/** @param data a frame's text; undefined: it was binary */
export function readFrame(data: string | undefined): ReadFrame {
  let origin: FrameOrigin = {};
  try {
    if (data === undefined)
      throw new ParleyError('unsupported', 'Binary frames are not read here. Send JSON as text.');
    const value = parseJson(data, 'The frame');
    origin = originOf(value);
    rejectSteering(value);
    return { frame: check(frameSchema, value, 'The frame'), origin };
  } catch (thrown) {
    return { fault: toParleyError(thrown), origin };
  }
}

/**
 * The key under which a `response.create` may be sent again, on this connection or another: its field
 * `idempotency_key`. The frame's names may differ then.
 * @throws ParleyError `invalid_request` for what cannot be a key
 */
export function frameKey(
  frame: ClientFrame & { readonly type: 'response.create' },
): IdempotencyKey | undefined {
  const { event_id: _, stream_id: __, idempotency_key: given, ...body } = frame;
  return idempotencyKey(given, 'idempotency_key', { route: 'response.create', body });
}

/** The names in a frame, as far as they can be read, so that even a broken frame's answer can be told apart. */
function originOf(value: unknown): FrameOrigin {
  if (typeof value !== 'object' || value === null) return {};
  const found: Record<string, string> = {};
  for (const key of ['response_id', 'stream_id', 'event_id']) {
    const text: unknown = Reflect.get(value, key);
    if (typeof text === 'string' && name.safeParse(text).success) found[key] = text;
  }
  return found;
}

/** A frame of OpenAI's API that Parley does not have: that is said, instead of calling it a mistake. */
function rejectSteering(value: unknown): void {
  if (typeof value !== 'object' || value === null || Reflect.get(value, 'type') !== 'response.steer') return;
  throw new ParleyError(
    'unsupported',
    '`response.steer` is not supported here. Cancel the response, or wait for it, and send response.create.',
    { param: 'type' },
  );
}
