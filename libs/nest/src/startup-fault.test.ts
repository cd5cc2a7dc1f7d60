import { ConfigError } from '@parley/config';
import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { listening } from './listen-fault.ts';
import { startupFaultText } from './startup-fault.ts';

describe('a failed start', () => {
  it('that an operator can correct is told without a stack trace', () => {
    const text = startupFaultText(
      'gateway',
      new ConfigError([{ variable: 'PARLEY_PORT', message: 'is not a number' }]),
    );
    expect(text).toBe(
      'parley gateway: cannot start. The configuration is not valid:\n  PARLEY_PORT: is not a number\n',
    );
    expect(
      startupFaultText('dialogue', new ParleyError('conflict', 'Another fleet uses the folder.')),
    ).not.toContain('    at ');
  });

  it('that is a defect keeps its stack trace', () => {
    expect(startupFaultText(undefined, new TypeError('x is not a function'))).toMatch(
      /x is not a function\n\s+at /,
    );
  });
});

describe('a port that cannot be had', () => {
  const place = { host: '127.0.0.1', port: 80, variable: 'PARLEY_PORT' };

  it.each([
    ['listen EADDRINUSE: address already in use 127.0.0.1:80', 'PARLEY_PORT: port 80 of 127.0.0.1 is in use'],
    ['listen EACCES: permission denied 127.0.0.1:80', 'PARLEY_PORT: port 80 may not be used'],
    ['getaddrinfo ENOTFOUND nowhere', 'PARLEY_HOST: 127.0.0.1 is not an address'],
  ])('%s becomes a fault of the variable that sets it', async (text, expected) => {
    await expect(listening(place, () => Promise.reject(new Error(text)))).rejects.toThrow(expected);
  });

  it('for another reason keeps that error', async () => {
    const error = new Error('unexpected');
    await expect(listening(place, () => Promise.reject(error))).rejects.toBe(error);
  });
});
