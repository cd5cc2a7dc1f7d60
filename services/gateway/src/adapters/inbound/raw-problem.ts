import type { Duplex } from 'node:stream';
import type { ParleyError } from '@parley/kernel';
import { problemOf } from '../../domain/problem.ts';
import type { HttpOverride } from '../../domain/problem.ts';

/** Answers with problem+json on a bare connection, where there is no HTTP response to write to, and ends it. */
export function endWithProblem(
  socket: Duplex,
  error: ParleyError,
  requestId: string,
  override?: HttpOverride,
): void {
  const { status, headers, body } = problemOf(error, requestId, override);
  const text = JSON.stringify(body);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    [
      `HTTP/1.1 ${status} ${body.title}`,
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(text)}`,
      `x-request-id: ${requestId}`,
      ...lines,
      'connection: close',
      '',
      text,
    ].join('\r\n'),
  );
}
