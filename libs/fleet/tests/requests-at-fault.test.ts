import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFleet } from './support/test-fleet.ts';

let fleet: TestFleet;

beforeAll(async () => {
  fleet = await TestFleet.start();
});
afterAll(async () => {
  await fleet[Symbol.asyncDispose]();
});

interface Problem {
  status: number;
  title: string;
  error: { message: string; code: string; param: string | null };
}

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect(response.headers.get('x-request-id')).toMatch(/\S/);
  return (await response.json()) as Problem;
}

const messages = [{ role: 'user', content: 'hi' }];

describe('a request', () => {
  it.each([
    ['without messages', { model: 'default' }, 'messages'],
    [
      'with a role that is none',
      { model: 'default', messages: [{ role: 'king', content: 'x' }] },
      'messages[0].role',
    ],
    ['with a temperature out of range', { model: 'default', messages, temperature: 9 }, 'temperature'],
    ['for more than one choice', { model: 'default', messages, n: 3 }, 'n'],
  ])('%s is a 400 that names the field', async (_name, body, param) => {
    const response = await fleet.post('/v1/chat/completions', body);
    expect(response.status).toBe(400);
    const problem = await problemOf(response);
    expect(problem.error.param).toBe(param);
    expect(problem.error.message).toContain(param);
  });

  it('of broken JSON is a 400', async () => {
    const response = await fleet.fetch('/v1/chat/completions', { method: 'POST', body: '{"model":' });
    expect(response.status).toBe(400);
    await problemOf(response);
  });

  it('for an unknown model is a 404 that names those there are', async () => {
    const response = await fleet.post('/v1/chat/completions', { model: 'gpt-9', messages });
    expect(response.status).toBe(404);
    const problem = await problemOf(response);
    expect(problem.error.message).toContain('gpt-9');
    expect(problem.error.message).toContain('parley-tiny');
  });

  it.each([
    ['no key', {}],
    ['a wrong key', { authorization: 'Bearer nonsense' }],
  ])('with %s is a 401', async (_name, headers) => {
    const response = await fetch(`${fleet.fleet.url}/v1/models`, { headers });
    expect(response.status).toBe(401);
    await problemOf(response);
  });

  it('that is too large is a 413', async () => {
    const response = await fleet.post('/v1/chat/completions', {
      model: 'default',
      messages: [{ role: 'user', content: 'x'.repeat(1_100_000) }],
    });
    expect(response.status).toBe(413);
    await problemOf(response);
  });

  it('whose prompt is longer than the context is a 400 with both numbers', async () => {
    const response = await fleet.post('/v1/chat/completions', {
      model: 'default',
      messages: [{ role: 'user', content: 'word '.repeat(5000) }],
    });
    expect(response.status).toBe(400);
    const problem = await problemOf(response);
    expect(problem.error.code).toBe('context_length_exceeded');
    expect(problem.error.message.replaceAll(',', '').match(/\d{3,}/g)?.length).toBeGreaterThanOrEqual(2);
  });
});
