import { ParleyError, errorCodes } from '@parley/kernel';
import { apiError, awayError } from '../api/api-client.ts';
import type { FleetAccess } from '../api/fleet-access.ts';

/** Lines that came together, each one event. */
export interface ExportedLines {
  readonly lines: readonly string[];
  /** The cursor of the last. */
  readonly cursor: string;
  /** The job that the export is. */
  readonly job: string;
}

/**
 * Exports the record, whole lines at a time; what was cut in the middle of a line is left out.
 * @throws ParleyError as the API says it, also in mid-stream; NoFleetError when the connection breaks.
 */
export async function* exportStream(
  access: FleetAccess,
  body: object,
  signal: AbortSignal,
): AsyncGenerator<ExportedLines> {
  try {
    const response = await fetch(`${access.url}/admin/v1/export`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    if (!response.ok || response.body === null)
      throw apiError(response.status, response.headers, await response.json().catch(() => undefined));
    const job = response.headers.get('x-parley-job-id') ?? '';
    for await (const lines of linesOf(response.body)) {
      const last = JSON.parse(lines.at(-1) ?? '{}') as LastLine;
      const whole = last.error === undefined ? lines : lines.slice(0, -1);
      const end = whole.at(-1);
      if (end !== undefined) yield { lines: whole, cursor: (JSON.parse(end) as LastLine).cursor ?? '', job };
      if (last.error !== undefined) throw cutBy(last.error);
    }
  } catch (error) {
    if (error instanceof ParleyError || signal.aborted) throw error;
    throw awayError(access, error);
  }
}

interface LastLine {
  readonly cursor?: string;
  /** In place of an event: the export is not whole. */
  readonly error?: { readonly code: string; readonly message: string };
}

function cutBy({ code, message }: NonNullable<LastLine['error']>): ParleyError {
  return new ParleyError(errorCodes.find((known) => known === code) ?? 'internal', message);
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of body) {
    const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
}
