import { errorCodes, ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { httpErrors } from './error-table.ts';
import { problemOf } from './problem.ts';

describe('an error as a problem', () => {
  it('names code, field and occurrence, and says what was wrong', () => {
    const problem = problemOf(
      new ParleyError('invalid_request', 'Wrong.', { param: 'messages[0].role' }),
      'req_1',
    );
    expect(problem).toEqual({
      status: 400,
      headers: {},
      body: {
        type: 'urn:parley:error:invalid_request',
        title: 'Invalid request',
        status: 400,
        detail: 'Wrong.',
        instance: 'urn:parley:request:req_1',
        error: {
          message: 'Wrong.',
          type: 'invalid_request_error',
          param: 'messages[0].role',
          code: 'invalid_request',
        },
      },
    });
  });

  it.each(errorCodes)('%s has a status, and says when to try again exactly where that helps', (code) => {
    const { status, headers } = problemOf(new ParleyError(code, 'x'), 'r');
    expect(status).toBe(httpErrors[code].status);
    expect(status).toBeGreaterThanOrEqual(400);
    expect('retry-after' in headers).toBe(status === 429 || status === 503);
    expect(headers['x-should-retry']).toBe([409, 422, 504].includes(status) ? 'false' : undefined);
  });

  it('says that trying again does not help where the error knows that', () => {
    const { status, headers } = problemOf(new ParleyError('unavailable', 'x', { retryable: false }), 'r');
    expect({ status, headers }).toEqual({ status: 503, headers: { 'x-should-retry': 'false' } });
  });

  it('rounds the time to try again up to whole seconds, and gives it in milliseconds too', () => {
    const { headers } = problemOf(new ParleyError('model_not_ready', 'x', { retryAfterMs: 1001 }), 'r');
    expect(headers).toEqual({ 'retry-after': '2', 'retry-after-ms': '1001' });
  });

  it('may have a status that only HTTP knows', () => {
    const problem = problemOf(new ParleyError('invalid_request', 'x'), 'r', {
      status: 405,
      title: 'Method not allowed',
      headers: { allow: 'GET' },
    });
    expect(problem).toMatchObject({
      status: 405,
      headers: { allow: 'GET' },
      body: { status: 405, title: 'Method not allowed' },
    });
  });
});
