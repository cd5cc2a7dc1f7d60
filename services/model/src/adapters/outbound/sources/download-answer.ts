import type { PartFile } from './part-file.ts';
import { hubReason } from './hub-reason.ts';
import { sourceFault } from './source-fault.ts';

/** What a good answer's head says. */
export interface Announcement {
  /** Where its body begins in the whole. */
  readonly from: number;
  /** Bytes of the whole; undefined when it does not say. */
  readonly totalBytes: number | undefined;
}

/** @throws ParleyError for an answer that brings nothing; a range that does not exist empties the part. */
export async function checkStatus(response: Response, part: PartFile): Promise<void> {
  if (response.status === 416) {
    await response.body?.cancel();
    await part.restart();
    throw sourceFault('it has less than was fetched of it before.', { retryable: true });
  }
  await checkAnswer(response);
}

/** @throws ParleyError for an answer that brings nothing, and why as far as the server says. */
export async function checkAnswer(response: Response): Promise<void> {
  const { status } = response;
  if (status === 200 || status === 206) return;
  await response.body?.cancel();
  const hub = hubReason(response);
  if (hub !== undefined) throw sourceFault(hub);
  if (status === 401 || status === 403)
    throw sourceFault(`it wants a key or a consent that is not there (HTTP ${status}).`);
  if (status === 404 || status === 410) throw sourceFault(`it is not there (HTTP ${status}).`);
  const retryable = status === 408 || status === 429 || status >= 500;
  throw sourceFault(`it answers HTTP ${status}.`, { retryable, retryAfterMs: retryAfterMsOf(response) });
}

/** @throws ParleyError when the head is no sense. */
export function announcementOf(response: Response): Announcement {
  const { headers, status } = response;
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') throw sourceFault(`it sends "${encoding}" and not the file as it is.`);
  const length = numberOf(headers.get('content-length'));
  if (status === 200) return { from: 0, totalBytes: length };
  const [, from, last, total] =
    /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  const isSense = from !== undefined && last !== undefined && total !== undefined;
  if (!isSense || (total !== '*' && Number(last) !== Number(total) - 1))
    throw sourceFault('it does not say which part of the file it sends.');
  return { from: Number(from), totalBytes: total === '*' ? undefined : Number(total) };
}

/** By what the source can tell whether the file is still the same (RFC 9110, If-Range); '' when it says nothing. */
export function validatorOf({ headers }: Response): string {
  const etag = headers.get('etag') ?? '';
  if (etag !== '' && !etag.startsWith('W/')) return etag;
  return headers.get('last-modified') ?? '';
}

function retryAfterMsOf({ headers }: Response): number | undefined {
  const seconds = numberOf(headers.get('retry-after'));
  return seconds === undefined ? undefined : seconds * 1000;
}

function numberOf(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}
