import { inspect } from 'node:util';
import { ReplyError } from 'ioredis';
import { expect, test } from 'vitest';
import { stateError } from './redis-errors.ts';

test.each([
  ['LOADING Redis is loading the dataset in memory', 'unavailable'],
  ['ERR user_function: something is wrong', 'internal'],
  ['WRONGPASS invalid username-password pair or user is disabled.', 'unavailable'],
])('%s is %s, and does not carry the command with what somebody wrote', (message, code) => {
  const reply = Object.assign(new ReplyError(message), { command: { name: 'fcall', args: ['my secret'] } });
  const error = stateError(reply);
  expect(error).toMatchObject({ code, cause: { message } });
  expect(inspect(error, { depth: 10 })).not.toContain('my secret');
});
