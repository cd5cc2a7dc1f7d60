import { Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { RpcException } from '@nestjs/microservices';
import { ParleyError, errorCodes } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { errorStatus, toRpcException } from './error-status.ts';
import { fromServiceError } from './service-error.ts';

function serviceError(code: status, details: string, metadata = new Metadata()): ServiceError {
  return Object.assign(new Error(details), { code, details, metadata });
}

/** An error as its caller sees it after one hop. */
function afterOneHop(thrown: unknown): ParleyError {
  const { code, details, metadata } = errorStatus(thrown);
  return fromServiceError(serviceError(code, details, metadata));
}

describe('an error that crosses a hop', () => {
  it.each(errorCodes)('keeps the code %s', (code) => {
    expect(afterOneHop(new ParleyError(code, 'What was wrong.'))).toMatchObject({
      code,
      message: 'What was wrong.',
    });
  });

  it('keeps field, retry advice and an overridden retryability', () => {
    const error = new ParleyError('invalid_request', 'No.', {
      param: 'messages[0].role',
      retryable: true,
      retryAfterMs: 1500.2,
    });
    expect(afterOneHop(error)).toMatchObject({
      param: 'messages[0].role',
      retryable: true,
      retryAfterMs: 1501,
    });
  });

  it('keeps its code over two hops', () => {
    const first = afterOneHop(new ParleyError('model_not_found', 'Unknown model.'));
    expect(afterOneHop(first)).toMatchObject({ code: 'model_not_found', message: 'Unknown model.' });
  });

  it('that is a failed call of the server itself is passed on as that call meant it', () => {
    const { code, details, metadata } = errorStatus(
      new ParleyError('overloaded', 'Full.', { retryAfterMs: 20 }),
    );
    expect(afterOneHop(serviceError(code, details, metadata))).toMatchObject({
      code: 'overloaded',
      retryAfterMs: 20,
    });
  });

  it('tells nothing of an unexpected error but that it happened', () => {
    const arrived = afterOneHop(new TypeError('password is hunter2'));
    expect(arrived.code).toBe('internal');
    expect(arrived.message).not.toContain('hunter2');
  });

  it('is cut and repaired where HTTP/2 could not carry it', () => {
    const arrived = afterOneHop(new ParleyError('not_found', `\ud800${'x'.repeat(100_000)}`));
    expect(arrived.message.length).toBe(2000);
    expect(() => encodeURI(arrived.message)).not.toThrow();
  });

  it('that is an abort is a cancellation', () => {
    expect(afterOneHop(new DOMException('This operation was aborted', 'AbortError')).code).toBe('cancelled');
  });
});

describe('a failure that gRPC reports itself', () => {
  it.each([
    [
      status.UNAVAILABLE,
      'No connection established. Last error: connect ECONNREFUSED 10.0.0.7:50051',
      'unavailable',
      true,
    ],
    [
      status.INTERNAL,
      'Received RST_STREAM with code 2 triggered by internal client error: read ECONNRESET',
      'unavailable',
      true,
    ],
    [status.DEADLINE_EXCEEDED, 'Deadline exceeded after 1s', 'deadline_exceeded', false],
    [status.UNIMPLEMENTED, 'The server does not implement the method', 'unsupported', false],
    [status.UNKNOWN, 'Internal server error', 'internal', false],
  ] as const)('with status %s is told in words without addresses', (code, details, expected, retryable) => {
    const error = fromServiceError(serviceError(code, details));
    expect(error).toMatchObject({ code: expected, retryable });
    expect(error.message).not.toMatch(/10\.0\.0\.7|RST_STREAM/);
    expect(error.cause).toMatchObject({ details });
  });

  it('is read by its status when the trailer is damaged', () => {
    const metadata = new Metadata();
    metadata.set('parley-error-bin', Buffer.from([0xff, 0xff, 0xff]));
    expect(fromServiceError(serviceError(status.NOT_FOUND, 'x', metadata)).code).toBe('not_found');
  });

  it('is read by its status when the trailer has a code of a newer version', () => {
    const { metadata } = errorStatus(
      Object.assign(new ParleyError('conflict', 'x'), { code: 'from_the_future' }),
    );
    expect(fromServiceError(serviceError(status.ABORTED, 'x', metadata)).code).toBe('conflict');
  });
});

describe('toRpcException', () => {
  it('leaves one that is made already as it is', () => {
    const made = new RpcException({ code: status.ABORTED, message: 'x' });
    expect(toRpcException(made)).toBe(made);
  });
});
